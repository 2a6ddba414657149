// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct counted {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void counted_task(struct tasklet_struct *t)
{
	struct counted *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t counted_irq(int irq, void *data)
{
	struct counted *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int counted_probe(struct counted *p, unsigned long flags)
{
	tasklet_setup(&p->task, counted_task);
	return request_irq(p->irq, counted_irq, 0, "counted", p);
}

void counted_remove(struct counted *p)
{
	tasklet_disable(&p->task);
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
