/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_IO_H
#define BHLINT_STANDIN_IO_H

#include <linux/delay.h>
#include <linux/types.h>

u8 readb(const volatile void __iomem *addr);
u32 readl(const volatile void __iomem *addr);
void writeb(u8 value, volatile void __iomem *addr);
void writel(u32 value, volatile void __iomem *addr);

void ioread32_rep(const void __iomem *addr, void *buffer, unsigned long count);
void memcpy_fromio(void *to, const volatile void __iomem *from, unsigned long count);

/* Polls until the condition holds; sleeps between two reads when sleep_us is not 0. */
#define readl_poll_timeout(addr, val, cond, sleep_us, timeout_us)	\
({									\
	unsigned long __left = (timeout_us);				\
	unsigned long __sleep_us = (sleep_us);				\
	might_sleep_if(__sleep_us != 0);				\
	for (;;) {							\
		(val) = readl(addr);					\
		if (cond)						\
			break;						\
		if (!__left--)						\
			break;						\
		if (__sleep_us)						\
			usleep_range((__sleep_us >> 2) + 1, __sleep_us); \
	}								\
	(cond) ? 0 : -ETIMEDOUT;					\
})
#define readl_poll_timeout_atomic(addr, val, cond, delay_us, timeout_us) \
({									\
	unsigned long __left = (timeout_us);				\
	for (;;) {							\
		(val) = readl(addr);					\
		if (cond)						\
			break;						\
		if (!__left--)						\
			break;						\
		udelay(delay_us);					\
	}								\
	(cond) ? 0 : -ETIMEDOUT;					\
})

#endif
