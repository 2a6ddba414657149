// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct loon {
	int count;
	struct work_struct task;
};

static void loon_task(struct work_struct *t)
{
	struct loon *loon = from_work(loon, t, task);

	loon->count++;
}

static irqreturn_t loon_irq(int irq, void *data)
{
	struct loon *loon = data;

	queue_work(system_bh_wq, &loon->task);
	return IRQ_HANDLED;
}

/* Stopped disabled, and what is started again may fail. */
void loon_stop(struct loon *loon, bool kill)
{
	free_irq(7, loon);
	if (kill)
		cancel_work_sync(&loon->task);
	disable_work_sync(&loon->task);
}

int loon_start(struct loon *loon, bool isNew)
{
	if (isNew)
		INIT_WORK(&loon->task, loon_task);
	else
		enable_and_queue_work(system_bh_wq, &loon->task);
	if (request_irq(7, loon_irq, 0, "loon", loon)) {
		disable_work_sync(&loon->task);
		return -1;
	}
	return 0;
}
