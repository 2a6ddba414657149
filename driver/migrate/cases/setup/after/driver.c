// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct owl {
	int count;
	struct work_struct	rx_tasklet;	/* received frames */
	struct work_struct tx_tasklet;
	int last;
};

static void owl_rx(struct work_struct *t);

static void owl_tx(struct work_struct *t)
{
	struct owl *owl = from_work(owl, t, tx_tasklet);

	owl->count++;
	queue_work(system_bh_wq, t);
}

static irqreturn_t owl_irq(int irq, void *data)
{
	struct owl *owl = data;

	if (owl->count)
		queue_work(system_bh_highpri_wq, &owl->rx_tasklet);
	else
		queue_work(system_bh_wq, &owl->tx_tasklet);
	return IRQ_HANDLED;
}

int owl_probe(struct owl *owl)
{
	INIT_WORK(&owl->rx_tasklet, owl_rx);
	INIT_WORK(&owl->tx_tasklet, owl_tx);
	return request_irq(7, owl_irq, 0, "owl", owl);
}

void owl_remove(struct owl *owl)
{
	free_irq(7, owl);
	cancel_work_sync(&owl->rx_tasklet);
	cancel_work_sync(&owl->tx_tasklet);
}

static void owl_rx(struct work_struct *t)
{
	struct owl *owl = container_of(t, struct owl, rx_tasklet);

	owl->last = owl->count;
}
