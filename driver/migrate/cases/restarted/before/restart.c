// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct loon {
	int count;
	struct tasklet_struct task;
};

static void loon_task(struct tasklet_struct *t)
{
	struct loon *loon = from_tasklet(loon, t, task);

	loon->count++;
}

static irqreturn_t loon_irq(int irq, void *data)
{
	struct loon *loon = data;

	tasklet_schedule(&loon->task);
	return IRQ_HANDLED;
}

/* Stopped disabled, and what is started again may fail. */
void loon_stop(struct loon *loon, bool kill)
{
	free_irq(7, loon);
	if (kill)
		tasklet_kill(&loon->task);
	tasklet_disable(&loon->task);
}

int loon_start(struct loon *loon, bool isNew)
{
	if (isNew)
		tasklet_setup(&loon->task, loon_task);
	else
		tasklet_enable(&loon->task);
	if (request_irq(7, loon_irq, 0, "loon", loon)) {
		tasklet_disable(&loon->task);
		return -1;
	}
	return 0;
}
