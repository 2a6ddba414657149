/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_HARDIRQ_H
#define BHLINT_STANDIN_HARDIRQ_H

#include <linux/preempt.h>

void synchronize_irq(unsigned int irq);
bool synchronize_hardirq(unsigned int irq);

#endif
