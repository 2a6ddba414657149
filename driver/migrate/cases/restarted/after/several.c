// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct kiwi {
	int count;
	struct work_struct task;
};

/* It schedules itself, and several others schedule it. */
static void kiwi_task(struct work_struct *t)
{
	struct kiwi *kiwi = from_work(kiwi, t, task);

	if (kiwi->count++ < 10)
		queue_work(system_bh_wq, &kiwi->task);
}

static irqreturn_t kiwi_irq(int irq, void *data)
{
	struct kiwi *kiwi = data;

	queue_work(system_bh_wq, &kiwi->task);
	return IRQ_HANDLED;
}

void kiwi_send(struct kiwi *kiwi)
{
	queue_work(system_bh_wq, &kiwi->task);
}

void kiwi_pause(struct kiwi *kiwi)
{
	disable_work_sync(&kiwi->task);
	kiwi->count = 0;
	enable_and_queue_work(system_bh_wq, &kiwi->task);
}

int kiwi_probe(struct kiwi *kiwi)
{
	INIT_WORK(&kiwi->task, kiwi_task);
	return request_irq(8, kiwi_irq, 0, "kiwi", kiwi);
}

void kiwi_remove(struct kiwi *kiwi)
{
	free_irq(8, kiwi);
	cancel_work_sync(&kiwi->task);
}
