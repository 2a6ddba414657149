// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct unnamed {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void unnamed_task(struct tasklet_struct *t)
{
	struct unnamed *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t unnamed_irq(int irq, void *data)
{
	struct unnamed *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int unnamed_probe(struct unnamed *p, unsigned long flags)
{
	tasklet_setup(&p->task, unnamed_task);
	p->count = p->irq;
	return request_irq(p->count, unnamed_irq, 0, "unnamed", p);
}

void unnamed_remove(struct unnamed *p)
{
	p->count = 0;
	tasklet_kill(&p->task);
}
