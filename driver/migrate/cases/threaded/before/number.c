// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct dove {
	int count;
	struct tasklet_struct task;
};

static void dove_task(unsigned long data)
{
	struct dove *dove = (struct dove *)data;

	dove->count++;
}

static irqreturn_t dove_irq(int irq, void *data)
{
	struct dove *dove = data;

	tasklet_schedule(&dove->task);
	return IRQ_HANDLED;
}

static int dove_request(struct dove *dove)
{
	return request_irq(7, dove_irq, 0, "dove", dove);
}

int dove_probe(struct dove *dove)
{
	tasklet_init(&dove->task, dove_task, (unsigned long)dove);
	return dove_request(dove);
}

void dove_remove(struct dove *dove)
{
	free_irq(7, dove);
	tasklet_kill(&dove->task);
}
