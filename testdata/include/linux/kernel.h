/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_KERNEL_H
#define BHLINT_STANDIN_KERNEL_H

#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/stddef.h>
#include <linux/types.h>

/* With CONFIG_DEBUG_ATOMIC_SLEEP, as distributions' debug kernels and allmodconfig have it. */
void __might_sleep(const char *file, int line);
void __might_fault(const char *file, int line);
int __cond_resched(void);
#define might_resched() do { } while (0)
#define might_sleep() do { __might_sleep(__FILE__, __LINE__); might_resched(); } while (0)
#define might_sleep_if(cond) do { if (cond) might_sleep(); } while (0)
#define might_fault() __might_fault(__FILE__, __LINE__)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define min(a, b) ({ typeof(a) __a = (a); typeof(b) __b = (b); __a < __b ? __a : __b; })
#define max(a, b) ({ typeof(a) __a = (a); typeof(b) __b = (b); __a > __b ? __a : __b; })
#define min_t(type, a, b) min((type)(a), (type)(b))

__printf(3, 4) int snprintf(char *buffer, size_t size, const char *format, ...);
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
__printf(1, 2) __noreturn void panic(const char *format, ...);

#endif
