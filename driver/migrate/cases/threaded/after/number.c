// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct dove {
	int count;
};

static irqreturn_t dove_task(int irq, void *dev_id)
{
	struct dove *dove = dev_id;

	dove->count++;

	return IRQ_HANDLED;
}

static irqreturn_t dove_irq(int irq, void *data)
{
	return IRQ_WAKE_THREAD;
}

static int dove_request(struct dove *dove)
{
	return request_threaded_irq(7, dove_irq, dove_task, 0, "dove", dove);
}

int dove_probe(struct dove *dove)
{
	return dove_request(dove);
}

void dove_remove(struct dove *dove)
{
	free_irq(7, dove);
}
