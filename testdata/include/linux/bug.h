/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_BUG_H
#define BHLINT_STANDIN_BUG_H

#include <linux/compiler.h>

__printf(1, 2) void __warn_printk(const char *format, ...);

/* As x86 has it: a trap instruction, then code that is never reached. */
#define BUG()						\
do {							\
	__asm__ __volatile__("ud2");			\
	__builtin_unreachable();			\
} while (0)
#define BUG_ON(condition) do { if (unlikely(condition)) BUG(); } while (0)
#define WARN_ON(condition)				\
({							\
	int __ret_warn_on = !!(condition);		\
	if (unlikely(__ret_warn_on))			\
		__warn_printk("%s", #condition);	\
	unlikely(__ret_warn_on);			\
})
#define WARN_ON_ONCE(condition) WARN_ON(condition)

#endif
