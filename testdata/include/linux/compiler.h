/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_COMPILER_H
#define BHLINT_STANDIN_COMPILER_H

#define __always_inline inline __attribute__((__always_inline__))
#define __maybe_unused __attribute__((__unused__))
#define __always_unused __attribute__((__unused__))
#define __must_check __attribute__((__warn_unused_result__))
#define __noreturn __attribute__((__noreturn__))
#define __cleanup(func) __attribute__((__cleanup__(func)))
#define __printf(a, b) __attribute__((__format__(printf, a, b)))
#define __section(s) __attribute__((__section__(s)))
#define fallthrough __attribute__((__fallthrough__))
#define noinline __attribute__((__noinline__))

#define __user
#define __iomem
#define __rcu
#define __percpu
#define __force
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" : : : "memory")
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, val) (*(volatile typeof(x) *)&(x) = (val))
#define typecheck(type, x)			\
({						\
	type __unused_type;			\
	typeof(x) __unused_value;		\
	(void)(&__unused_type == &__unused_value); \
	1;					\
})

#define __CONCAT_(a, b) a##b
#define __CONCAT(a, b) __CONCAT_(a, b)
#define __UNIQUE_ID(prefix) __CONCAT(__CONCAT(__UNIQUE_ID_, prefix), __COUNTER__)

#define __ASSERT_STRUCT(cond) ((void)sizeof(char[1 - 2 * !(cond)]))
#define BUILD_BUG_ON(cond) __ASSERT_STRUCT(!(cond))

#endif
