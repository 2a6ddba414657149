// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct elsewhere {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void elsewhere_task(struct tasklet_struct *t)
{
	struct elsewhere *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t elsewhere_irq(int irq, void *data)
{
	struct elsewhere *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int elsewhere_probe(struct elsewhere *p, unsigned long flags)
{
	tasklet_setup(&p->task, elsewhere_task);
	return request_irq(p->irq, elsewhere_irq, 0, "elsewhere", p);
}

void elsewhere_remove(struct elsewhere *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}

void elsewhere_kick(struct elsewhere *p)
{
	tasklet_schedule(&p->task);
}
