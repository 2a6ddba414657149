// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct swift {
	struct work_struct task;
	int count;
};

static void swift_task(struct work_struct *t)
{
	struct swift *swift = from_work(swift, t, task);

	swift->count++;
}

static irqreturn_t swift_irq(int irq, void *data)
{
	struct swift *swift = data;

	queue_work(system_bh_highpri_wq, &swift->task);
	return IRQ_HANDLED;
}

void swift_reset(struct swift *swift)
{
	disable_work_sync(&swift->task);
	swift->count = 0;
	enable_and_queue_work(system_bh_highpri_wq, &swift->task);
}

int swift_probe(struct swift *swift, int irq)
{
	INIT_WORK(&swift->task, swift_task);
	return request_irq(irq, swift_irq, 0, "swift", swift);
}

void swift_remove(struct swift *swift, int irq)
{
	free_irq(irq, swift);
	cancel_work_sync(&swift->task);
}
