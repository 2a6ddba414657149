// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct itself {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void itself_task(struct tasklet_struct *t)
{
	struct itself *p = from_tasklet(p, t, task);

	disable_irq(p->irq);
}

static irqreturn_t itself_irq(int irq, void *data)
{
	struct itself *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int itself_probe(struct itself *p, unsigned long flags)
{
	tasklet_setup(&p->task, itself_task);
	return request_irq(p->irq, itself_irq, 0, "itself", p);
}

void itself_remove(struct itself *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
