// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

static int pending;

static irqreturn_t rook_task(int irq, void *dev_id)
{
	pending = 0;

	return IRQ_HANDLED;
}

static irqreturn_t rook_irq(int irq, void *data)
{
	irqreturn_t ret = IRQ_NONE;

	if (pending) {
		ret = IRQ_WAKE_THREAD;
	}
	return ret;
}

int rook_probe(void)
{
	return request_threaded_irq(9, rook_irq, rook_task, 0, "rook",
				    &pending);
}

void rook_remove(void)
{
	synchronize_irq(9);
	free_irq(9, &pending);
}
