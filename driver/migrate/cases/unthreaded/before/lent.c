// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct lent {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void lent_task(struct tasklet_struct *t)
{
	struct lent *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t lent_irq(int irq, void *data)
{
	struct lent *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int lent_probe(struct lent *p, unsigned long flags)
{
	tasklet_setup(&p->task, lent_task);
	return request_irq(p->irq, lent_irq, 0, "lent", p);
}

void lent_remove(struct lent *p)
{
	p->count = 0;
	tasklet_kill(&p->task);
	p->lock = (spinlock_t){ };
}

int lent_poll(struct lent *p)
{
	return lent_irq(p->irq, p);
}
