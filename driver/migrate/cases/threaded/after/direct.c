// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/module.h>

/**
 * struct kite - one device
 * @count: of runs
 * @lock: for what others count, too
 */
struct kite {
	int irq;
	int count;
	struct mutex lock;
};

static irqreturn_t kite_task(int irq, void *dev_id)
{
	struct kite *kite = dev_id;

	if (!kite->count)
		return IRQ_HANDLED;
	kite->count--;

	return IRQ_HANDLED;
}

static irqreturn_t kite_irq(int irq, void *data)
{
	struct kite *kite = data;

	if (!kite->count)
		return IRQ_NONE;

	return IRQ_WAKE_THREAD;
}

int kite_probe(struct kite *kite)
{
	return request_threaded_irq(kite->irq, kite_irq, kite_task,
				    IRQF_SHARED | IRQF_COND_ONESHOT, "kite",
				    kite);
}

void kite_stop(struct kite *kite)
{
	synchronize_irq(kite->irq);
	kite->count = 0;
}

void kite_remove(struct kite *kite)
{
	free_irq(kite->irq, kite);
}
