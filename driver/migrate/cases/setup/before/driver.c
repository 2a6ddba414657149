// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct owl {
	int count;
	struct tasklet_struct	rx_tasklet;	/* received frames */
	struct tasklet_struct tx_tasklet;
	int last;
};

static void owl_rx(struct tasklet_struct *t);

static void owl_tx(struct tasklet_struct *t)
{
	struct owl *owl = from_tasklet(owl, t, tx_tasklet);

	owl->count++;
	tasklet_schedule(t);
}

static irqreturn_t owl_irq(int irq, void *data)
{
	struct owl *owl = data;

	if (owl->count)
		tasklet_hi_schedule(&owl->rx_tasklet);
	else
		tasklet_schedule(&owl->tx_tasklet);
	return IRQ_HANDLED;
}

int owl_probe(struct owl *owl)
{
	tasklet_setup(&owl->rx_tasklet,
		      owl_rx);
	tasklet_setup(&owl->tx_tasklet, owl_tx);
	return request_irq(7, owl_irq, 0, "owl", owl);
}

void owl_remove(struct owl *owl)
{
	free_irq(7, owl);
	tasklet_kill(&owl->rx_tasklet);
	tasklet_kill(&owl->tx_tasklet);
}

static void owl_rx(struct tasklet_struct *t)
{
	struct owl *owl = container_of(t, struct owl, rx_tasklet);

	owl->last = owl->count;
}
