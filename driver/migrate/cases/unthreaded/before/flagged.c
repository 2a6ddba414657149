// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct flagged {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void flagged_task(struct tasklet_struct *t)
{
	struct flagged *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t flagged_irq(int irq, void *data)
{
	struct flagged *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int flagged_probe(struct flagged *p, unsigned long flags)
{
	tasklet_setup(&p->task, flagged_task);
	return request_irq(p->irq, flagged_irq, flags, "flagged", p);
}

void flagged_remove(struct flagged *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
