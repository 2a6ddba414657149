// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>

struct ibis {
	struct mutex lock;
	int count;
};

static irqreturn_t ibis_task(int irq, void *dev_id)
{
	struct ibis *ibis = netdev_priv(dev_id);

	mutex_lock(&ibis->lock);
	ibis->count++;
	mutex_unlock(&ibis->lock);

	return IRQ_HANDLED;
}

static irqreturn_t ibis_irq(int irq, void *dev_id)
{
	irqreturn_t ret = IRQ_HANDLED;
	struct net_device *dev = dev_id;
	struct ibis *ibis = netdev_priv(dev);

	if (ibis->count > 3)
		ret = IRQ_WAKE_THREAD;
	else
		ibis->count++;
	return ret;
}

int ibis_open(struct net_device *dev)
{
	return request_threaded_irq(5, ibis_irq, ibis_task, 0, "ibis", dev);
}

int ibis_stop(struct net_device *dev)
{
	free_irq(5, dev);
	return 0;
}

void ibis_suspend(struct net_device *dev)
{
	struct ibis *ibis = netdev_priv(dev);
	int irq = 5;

	free_irq(irq, dev);
	ibis->count = 0;
}
