// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct rail {
	int count;
	spinlock_t lock;
	struct tasklet_struct task;
	struct work_struct reset;
};

static void rail_process(struct rail *rail)
{
	spin_lock(&rail->lock);
	rail->count++;
	spin_unlock(&rail->lock);
}

static void rail_task(struct tasklet_struct *t)
{
	struct rail *rail = from_tasklet(rail, t, task);

	rail_process(rail);
}

static irqreturn_t rail_irq(int irq, void *data)
{
	struct rail *rail = data;

	tasklet_schedule(&rail->task);
	return IRQ_HANDLED;
}

/* The lock is free of the tasklet, as that doesn't come any more. */
static void rail_reset(struct work_struct *work)
{
	struct rail *rail = container_of(work, struct rail, reset);

	synchronize_irq(9);
	tasklet_kill(&rail->task);
	rail_process(rail);
}

int rail_probe(struct rail *rail)
{
	spin_lock_init(&rail->lock);
	INIT_WORK(&rail->reset, rail_reset);
	tasklet_setup(&rail->task, rail_task);
	if (rail->count)
		schedule_work(&rail->reset);
	return request_irq(9, rail_irq, 0, "rail", rail);
}

void rail_remove(struct rail *rail)
{
	cancel_work_sync(&rail->reset);
	free_irq(9, rail);
	tasklet_kill(&rail->task);
}
