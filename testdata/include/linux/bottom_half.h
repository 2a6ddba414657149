/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_BOTTOM_HALF_H
#define BHLINT_STANDIN_BOTTOM_HALF_H

#include <linux/preempt.h>

void __local_bh_disable_ip(unsigned long ip, unsigned int count);
void __local_bh_enable_ip(unsigned long ip, unsigned int count);

static inline void local_bh_disable(void)
{
	__local_bh_disable_ip((unsigned long)__builtin_return_address(0), SOFTIRQ_DISABLE_OFFSET);
}

static inline void local_bh_enable(void)
{
	__local_bh_enable_ip((unsigned long)__builtin_return_address(0), SOFTIRQ_DISABLE_OFFSET);
}

#endif
