// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct looped {
	int irq, count;
	spinlock_t lock;
	struct tasklet_struct task;
};

static void looped_task(struct tasklet_struct *t)
{
	struct looped *p = from_tasklet(p, t, task);

	p->count++;
}

static irqreturn_t looped_irq(int irq, void *data)
{
	struct looped *p = data;

	tasklet_schedule(&p->task);
	return IRQ_HANDLED;
}

int looped_probe(struct looped *p, unsigned long flags)
{
	tasklet_setup(&p->task, looped_task);
	while (p->count--)
		if (request_irq(p->irq + p->count, looped_irq, 0, "looped", p))
			return -1;
	return 0;
}

void looped_remove(struct looped *p)
{
	free_irq(p->irq, p);
	tasklet_kill(&p->task);
}
