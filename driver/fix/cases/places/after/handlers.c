// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct kite {
	struct work_struct work;
	struct work_struct other;
	struct mutex mutex;
	struct device *dev;
	int count;
};

static irqreturn_t kite_irq(int irq, void *data)
{
	struct kite *kite = data;

	mutex_lock(&kite->mutex);
	kite->count++;
	mutex_unlock(&kite->mutex);
	return IRQ_HANDLED;
}

static irqreturn_t kite_level_irq(int irq, void *data)
{
	msleep(100);
	return IRQ_HANDLED;
}

static irqreturn_t kite_edge_irq(int irq, void *data)
{
	msleep(100);
	return IRQ_HANDLED;
}

/* Other devices' handlers share the line. */
static irqreturn_t kite_shared_irq(int irq, void *data)
{
	msleep(100);
	return IRQ_HANDLED;
}

/* Those are threaded, too. */
static irqreturn_t kite_agreed_irq(int irq, void *data)
{
	msleep(100);
	return IRQ_HANDLED;
}

/* Also called directly, from where it may sleep. */
static irqreturn_t kite_polled_irq(int irq, void *data)
{
	msleep(100);
	return IRQ_HANDLED;
}

static irqreturn_t kite_flags_irq(int irq, void *data)
{
	msleep(100);
	return IRQ_HANDLED;
}

/* Short: it may stay where it is. */
static irqreturn_t kite_short_irq(int irq, void *data)
{
	udelay(10);
	return IRQ_HANDLED;
}

static void kite_work(struct work_struct *work)
{
	struct kite *kite = from_work(kite, work, work);

	mutex_lock(&kite->mutex);
	kite->count++;
	mutex_unlock(&kite->mutex);
}

static void kite_other(struct work_struct *work)
{
	struct kite *kite = from_work(kite, work, other);

	kite->count++;
}

void kite_kick(struct kite *kite)
{
	queue_work(system_wq, &kite->work);
	queue_work(system_bh_wq, &kite->other);
}

int kite_probe(struct kite *kite, int irq, unsigned long flags)
{
	int error;

	INIT_WORK(&kite->work, kite_work);
	INIT_WORK(&kite->other, kite_other);
	queue_work(system_wq, &kite->work);
	kite_polled_irq(irq, kite);
	error = request_threaded_irq(irq, NULL, kite_irq, IRQF_ONESHOT, "kite", kite);
	error |= devm_request_threaded_irq(kite->dev, irq + 1, NULL, kite_level_irq, IRQF_TRIGGER_HIGH | IRQF_ONESHOT, "kite", kite);
	error |= request_threaded_irq(irq + 2, NULL, kite_edge_irq, IRQF_TRIGGER_RISING | IRQF_ONESHOT, "kite", kite);
	error |= request_threaded_irq(irq + 3, NULL, kite_shared_irq, IRQF_SHARED | IRQF_ONESHOT, "kite", kite);
	error |= request_threaded_irq(irq + 7, NULL, kite_agreed_irq, IRQF_SHARED | IRQF_ONESHOT, "kite", kite);
	error |= request_irq(irq + 4, kite_polled_irq, 0, "kite", kite);
	error |= request_irq(irq + 5, kite_flags_irq, flags, "kite", kite);
	error |= request_irq(irq + 6, kite_short_irq, 0, "kite", kite);
	return error;
}
