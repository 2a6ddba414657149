// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct helper {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void helper_count(struct helper *p)
{
	spin_lock(&p->lock);
	p->count++;
	spin_unlock(&p->lock);
}

static void helper_task(struct tasklet_struct *t)
{
	struct helper *p = from_tasklet(p, t, task);

	helper_count(p);
}

static irqreturn_t helper_irq(int irq, void *data)
{
	struct helper *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int helper_probe(struct helper *p, unsigned long flags)
{
	tasklet_setup(&p->task, helper_task);
	return request_irq(p->irq, helper_irq, 0, "helper", p);
}

void helper_remove(struct helper *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
