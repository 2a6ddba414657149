/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_MODULE_H
#define BHLINT_STANDIN_MODULE_H

#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>

struct module;
extern struct module __this_module;
#define THIS_MODULE (&__this_module)

#define MODULE_INFO_(text) \
	static const char __UNIQUE_ID(modinfo)[] __maybe_unused __section(".modinfo") = text
#define MODULE_LICENSE(license) MODULE_INFO_("license=" license)
#define MODULE_DESCRIPTION(description) MODULE_INFO_("description=" description)

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

/* In a module the initcall is an alias of init_module(), behind an inline function that checks its type. */
#define module_init(initfn)						\
static inline initcall_t __maybe_unused __inittest(void)		\
{									\
	return initfn;							\
}									\
int init_module(void) __attribute__((__alias__(#initfn)))
#define module_exit(exitfn)						\
static inline exitcall_t __maybe_unused __exittest(void)		\
{									\
	return exitfn;							\
}									\
void cleanup_module(void) __attribute__((__alias__(#exitfn)))

#define module_driver(__driver, __register, __unregister)	\
static int __init __driver##_init(void)				\
{								\
	return __register(&(__driver));				\
}								\
module_init(__driver##_init);					\
static void __exit __driver##_exit(void)			\
{								\
	__unregister(&(__driver));				\
}								\
module_exit(__driver##_exit)

#endif
