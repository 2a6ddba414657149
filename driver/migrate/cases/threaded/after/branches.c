// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/module.h>

struct device;

struct wren {
	struct device *dev;
	int status, queued;
	spinlock_t lock;
	int last;
	void (*told)(struct wren *w);
};

static irqreturn_t wren_done(int irq, void *dev_id);

static irqreturn_t wren_irq(int irq, void *cookie)
{
	irqreturn_t ret = IRQ_HANDLED;
	struct wren *w = cookie;

	while (w->status) {
		if (w->status & 1)
			ret = IRQ_WAKE_THREAD;
		w->status >>= 1;
	}
	return ret;
}

int wren_probe(struct wren *w, int irq)
{
	w->queued = 0;

	return devm_request_threaded_irq(w->dev, irq, wren_irq, wren_done,
					 IRQF_ONESHOT, "wren", w);
}

void wren_remove(struct wren *w, int irq)
{
	devm_free_irq(w->dev, irq, w);
	w->last = 0;
}

static irqreturn_t wren_done(int its_irq, void *dev_id)
{
	struct wren *w = dev_id;
	int irq = 0;

	spin_lock_bh(&w->lock);
	w->queued = irq;
	spin_unlock_bh(&w->lock);
	w->told(w);

	return IRQ_HANDLED;
}
