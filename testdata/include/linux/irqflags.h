/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_IRQFLAGS_H
#define BHLINT_STANDIN_IRQFLAGS_H

#include <linux/types.h>

unsigned long arch_local_irq_save(void);
unsigned long arch_local_save_flags(void);
void arch_local_irq_restore(unsigned long flags);
void arch_local_irq_disable(void);
void arch_local_irq_enable(void);
bool arch_irqs_disabled(void);

#define raw_local_irq_save(flags) do { typecheck(unsigned long, flags); flags = arch_local_irq_save(); } while (0)
#define raw_local_irq_restore(flags) do { typecheck(unsigned long, flags); arch_local_irq_restore(flags); } while (0)
#define local_irq_disable() do { arch_local_irq_disable(); } while (0)
#define local_irq_enable() do { arch_local_irq_enable(); } while (0)
#define local_irq_save(flags) do { raw_local_irq_save(flags); } while (0)
#define local_irq_restore(flags) do { raw_local_irq_restore(flags); } while (0)
#define irqs_disabled() arch_irqs_disabled()

#endif
