// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct kiwi {
	int count;
	struct tasklet_struct task;
};

/* It schedules itself, and several others schedule it. */
static void kiwi_task(struct tasklet_struct *t)
{
	struct kiwi *kiwi = from_tasklet(kiwi, t, task);

	if (kiwi->count++ < 10)
		tasklet_schedule(&kiwi->task);
}

static irqreturn_t kiwi_irq(int irq, void *data)
{
	struct kiwi *kiwi = data;

	tasklet_schedule(&kiwi->task);
	return IRQ_HANDLED;
}

void kiwi_send(struct kiwi *kiwi)
{
	tasklet_schedule(&kiwi->task);
}

void kiwi_pause(struct kiwi *kiwi)
{
	tasklet_disable(&kiwi->task);
	kiwi->count = 0;
	tasklet_enable(&kiwi->task);
}

int kiwi_probe(struct kiwi *kiwi)
{
	tasklet_setup(&kiwi->task, kiwi_task);
	return request_irq(8, kiwi_irq, 0, "kiwi", kiwi);
}

void kiwi_remove(struct kiwi *kiwi)
{
	free_irq(8, kiwi);
	tasklet_kill(&kiwi->task);
}
