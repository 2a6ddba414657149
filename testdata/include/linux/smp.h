/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_SMP_H
#define BHLINT_STANDIN_SMP_H

#include <linux/preempt.h>

typedef void (*smp_call_func_t)(void *info);
int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait);
void on_each_cpu_cond_mask(void *cond_func, smp_call_func_t func, void *info, bool wait, const void *mask);
static inline void on_each_cpu(smp_call_func_t func, void *info, int wait)
{
	on_each_cpu_cond_mask(NULL, func, info, wait, NULL);
}
int raw_smp_processor_id(void);
#define get_cpu() ({ preempt_disable(); raw_smp_processor_id(); })
#define put_cpu() preempt_enable()

#endif
