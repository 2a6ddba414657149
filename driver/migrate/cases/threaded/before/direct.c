// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/module.h>

/**
 * struct kite - one device
 * @count: of runs
 * @task: what the interrupt leaves for later
 * @lock: for what others count, too
 */
struct kite {
	int irq;
	int count;
	struct tasklet_struct task; /* the lower half */
	struct mutex lock;
};

static void kite_task(struct tasklet_struct *t)
{
	struct kite *kite = from_tasklet(kite, t, task);

	if (!kite->count)
		return;
	kite->count--;
}

static irqreturn_t kite_irq(int irq, void *data)
{
	struct kite *kite = data;

	if (!kite->count)
		return IRQ_NONE;

	tasklet_schedule(&kite->task);

	return IRQ_HANDLED;
}

int kite_probe(struct kite *kite)
{
	tasklet_setup(&kite->task, kite_task);

	return request_irq(kite->irq, kite_irq, IRQF_SHARED, "kite", kite);
}

void kite_stop(struct kite *kite)
{
	tasklet_kill(&kite->task);
	kite->count = 0;
}

void kite_remove(struct kite *kite)
{
	free_irq(kite->irq, kite);
	tasklet_kill(&kite->task);
}
