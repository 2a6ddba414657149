// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct swift {
	struct tasklet_struct task;
	int count;
};

static void swift_task(struct tasklet_struct *t)
{
	struct swift *swift = from_tasklet(swift, t, task);

	swift->count++;
}

static irqreturn_t swift_irq(int irq, void *data)
{
	struct swift *swift = data;

	tasklet_hi_schedule(&swift->task);
	return IRQ_HANDLED;
}

void swift_reset(struct swift *swift)
{
	tasklet_disable(&swift->task);
	swift->count = 0;
	tasklet_enable(&swift->task);
}

int swift_probe(struct swift *swift, int irq)
{
	tasklet_setup(&swift->task, swift_task);
	return request_irq(irq, swift_irq, 0, "swift", swift);
}

void swift_remove(struct swift *swift, int irq)
{
	free_irq(irq, swift);
	tasklet_kill(&swift->task);
}
