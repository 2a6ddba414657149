// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct called {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void called_task(struct tasklet_struct *t)
{
	struct called *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t called_irq(int irq, void *data)
{
	struct called *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

static int called_request(struct called *p, int line)
{
	return request_irq(p->irq + line, called_irq, 0, "called", p);
}

int called_probe(struct called *p)
{
	int i;

	tasklet_setup(&p->task, called_task);
	for (i = 0; i < p->count; i++)
		if (called_request(p, i))
			return -1;
	return 0;
}

void called_remove(struct called *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
