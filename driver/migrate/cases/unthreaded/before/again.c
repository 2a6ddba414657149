// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct again {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void again_task(struct tasklet_struct *t)
{
	struct again *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t again_irq(int irq, void *data)
{
	struct again *p = data;

	irqreturn_t ret = IRQ_NONE;

	if (p->count)
		tasklet_schedule(&p->task);
	if (p->irq)
		ret = IRQ_HANDLED;
	return ret;
}

int again_probe(struct again *p, unsigned long flags)
{
	tasklet_setup(&p->task, again_task);
	return request_irq(p->irq, again_irq, 0, "again", p);
}

void again_remove(struct again *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
