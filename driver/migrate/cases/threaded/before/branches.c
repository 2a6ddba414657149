// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/module.h>

struct device;

struct wren {
	struct device *dev;
	int status, queued;
	spinlock_t lock;
	struct tasklet_struct done;
	int last;
	void (*told)(struct wren *w);
};

static void wren_done(unsigned long data);

static irqreturn_t wren_irq(int irq, void *cookie)
{
	struct wren *w = cookie;

	while (w->status) {
		if (w->status & 1)
			tasklet_hi_schedule(&w->done);
		w->status >>= 1;
	}
	return IRQ_HANDLED;
}

int wren_probe(struct wren *w, int irq)
{
	w->queued = 0;

	tasklet_init(&w->done, wren_done, (unsigned long)w);

	return devm_request_irq(w->dev, irq, wren_irq, IRQF_ONESHOT, "wren", w);
}

void wren_remove(struct wren *w, int irq)
{
	devm_free_irq(w->dev, irq, w);
	tasklet_kill(&w->done);
	w->last = 0;
}

static void wren_done(unsigned long data)
{
	struct wren *w = (struct wren *)data;
	int irq = 0;

	spin_lock(&w->lock);
	w->queued = irq;
	spin_unlock(&w->lock);
	w->told(w);
}
