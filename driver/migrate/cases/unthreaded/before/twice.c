// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct twice {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void twice_task(struct tasklet_struct *t)
{
	struct twice *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t twice_irq(int irq, void *data)
{
	struct twice *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int twice_probe(struct twice *p, unsigned long flags)
{
	tasklet_setup(&p->task, twice_task);
	if (request_irq(p->irq + 1, twice_irq, 0, "twice", p))
		return -1;
	return request_irq(p->irq, twice_irq, 0, "twice", p);
}

void twice_remove(struct twice *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
