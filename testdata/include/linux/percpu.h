/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_PERCPU_H
#define BHLINT_STANDIN_PERCPU_H

#include <linux/preempt.h>

#define DEFINE_PER_CPU(type, name) __section(".data..percpu") typeof(type) name
#define this_cpu_ptr(ptr) (ptr)
#define get_cpu_ptr(var)	\
({				\
	preempt_disable();	\
	this_cpu_ptr(var);	\
})
#define put_cpu_ptr(var)	\
do {				\
	(void)(var);		\
	preempt_enable();	\
} while (0)

#endif
