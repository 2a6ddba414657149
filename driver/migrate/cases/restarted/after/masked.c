// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct rail {
	int count;
	spinlock_t lock;
	struct work_struct task;
	struct work_struct reset;
};

static void rail_process(struct rail *rail)
{
	spin_lock(&rail->lock);
	rail->count++;
	spin_unlock(&rail->lock);
}

static void rail_task(struct work_struct *t)
{
	struct rail *rail = from_work(rail, t, task);

	rail_process(rail);
}

static irqreturn_t rail_irq(int irq, void *data)
{
	struct rail *rail = data;

	queue_work(system_bh_wq, &rail->task);
	return IRQ_HANDLED;
}

/* The lock is free of the tasklet, as that doesn't come any more. */
static void rail_reset(struct work_struct *work)
{
	struct rail *rail = container_of(work, struct rail, reset);

	synchronize_irq(9);
	cancel_work_sync(&rail->task);
	rail_process(rail);
}

int rail_probe(struct rail *rail)
{
	spin_lock_init(&rail->lock);
	INIT_WORK(&rail->reset, rail_reset);
	INIT_WORK(&rail->task, rail_task);
	if (rail->count)
		schedule_work(&rail->reset);
	return request_irq(9, rail_irq, 0, "rail", rail);
}

void rail_remove(struct rail *rail)
{
	cancel_work_sync(&rail->reset);
	free_irq(9, rail);
	cancel_work_sync(&rail->task);
}
