// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct snipe {
	int count;
	struct tasklet_struct task;
};

static void snipe_task(struct tasklet_struct *t)
{
	struct snipe *snipe = from_tasklet(snipe, t, task);

	snipe->count++;
}

static irqreturn_t snipe_irq(int irq, void *data)
{
	struct snipe *snipe = data;

	tasklet_schedule(&snipe->task);
	return IRQ_HANDLED;
}

int snipe_probe(struct snipe *snipe)
{
	tasklet_setup(&snipe->task, snipe_task);
	return request_irq(9, snipe_irq, 0, "snipe", snipe);
}

/* It may be scheduled again before the interrupt is freed, which only a rule says that is off by default. */
void snipe_remove(struct snipe *snipe)
{
	tasklet_kill(&snipe->task);
	free_irq(9, snipe);
}
