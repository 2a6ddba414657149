// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct unsaid {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void unsaid_task(struct tasklet_struct *t)
{
	struct unsaid *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t unsaid_irq(int irq, void *data)
{
	struct unsaid *p = data;

	if (p->count)
		tasklet_schedule(&p->task);
	return p->count ? IRQ_HANDLED : IRQ_NONE;
}

int unsaid_probe(struct unsaid *p, unsigned long flags)
{
	tasklet_setup(&p->task, unsaid_task);
	return request_irq(p->irq, unsaid_irq, 0, "unsaid", p);
}

void unsaid_remove(struct unsaid *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
