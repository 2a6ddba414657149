// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

static int pending;

static void rook_task(struct tasklet_struct *unused)
{
	pending = 0;
}

static DECLARE_TASKLET(rook, rook_task);

static irqreturn_t rook_irq(int irq, void *data)
{
	irqreturn_t ret = IRQ_NONE;

	if (pending) {
		tasklet_schedule(&rook);
		ret = IRQ_HANDLED;
	}
	return ret;
}

int rook_probe(void)
{
	return request_irq(9, rook_irq, 0, "rook", &pending);
}

void rook_remove(void)
{
	tasklet_kill(&rook);
	free_irq(9, &pending);
}
