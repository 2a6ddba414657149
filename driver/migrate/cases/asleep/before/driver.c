// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>

struct ibis {
	struct mutex lock;
	struct tasklet_struct task;
	int count;
};

static void ibis_task(struct tasklet_struct *t)
{
	struct ibis *ibis = from_tasklet(ibis, t, task);

	mutex_lock(&ibis->lock);
	ibis->count++;
	mutex_unlock(&ibis->lock);
}

static irqreturn_t ibis_irq(int irq, void *dev_id)
{
	struct net_device *dev = dev_id;
	struct ibis *ibis = netdev_priv(dev);

	if (ibis->count > 3)
		tasklet_schedule(&ibis->task);
	else
		ibis->count++;
	return IRQ_HANDLED;
}

int ibis_open(struct net_device *dev)
{
	struct ibis *ibis = netdev_priv(dev);

	tasklet_setup(&ibis->task, ibis_task);
	return request_irq(5, ibis_irq, 0, "ibis", dev);
}

int ibis_stop(struct net_device *dev)
{
	struct ibis *ibis = netdev_priv(dev);

	free_irq(5, dev);
	tasklet_kill(&ibis->task);
	return 0;
}

void ibis_suspend(struct net_device *dev)
{
	struct ibis *ibis = netdev_priv(dev);
	int irq = 5;

	free_irq(irq, dev);
	tasklet_kill(&ibis->task);
	ibis->count = 0;
}
