/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Lark: a network controller with NAPI. The same refill function runs when the device is opened, where it may wait for
 * memory, and in the poll function, where it may not: its caller says so.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/netdevice.h>
#include <linux/platform_device.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define LARK_RING 32
#define LARK_MASK 0x00
#define LARK_ACK 0x04
#define LARK_FILTER 0x08
#define LARK_SEND 0x0c
#define LARK_RESET 0x10

struct lark {
	struct net_device *netdev;
	struct napi_struct napi;
	struct work_struct reset;
	wait_queue_head_t filter_wait;
	bool filter_done;
	spinlock_t tx_lock;
	unsigned int tx_used;
	void __iomem *regs;
	int irq;
	struct sk_buff *rx[LARK_RING];
};

static int lark_refill(struct lark *lark, gfp_t gfp)
{
	int i;

	for (i = 0; i < LARK_RING; i++) {
		if (lark->rx[i])
			continue;
		lark->rx[i] = __netdev_alloc_skb(lark->netdev, 1536, gfp);
		if (!lark->rx[i])
			return -ENOMEM;
	}
	return 0;
}

static irqreturn_t lark_interrupt(int irq, void *data)
{
	struct lark *lark = data;

	writel(0, lark->regs + LARK_MASK);
	writel(1, lark->regs + LARK_ACK);
	lark->filter_done = true;
	wake_up(&lark->filter_wait);
	napi_schedule(&lark->napi);
	return IRQ_HANDLED;
}

static int lark_poll(struct napi_struct *napi, int budget)
{
	struct lark *lark = container_of(napi, struct lark, napi);
	int done;

	for (done = 0; done < budget && done < LARK_RING; done++) {
		struct sk_buff *skb = lark->rx[done];

		if (!skb)
			break;
		lark->rx[done] = NULL;
		netif_receive_skb(skb);
	}
	if (lark_refill(lark, GFP_ATOMIC))
		schedule_work(&lark->reset);
	if (done < budget && napi_complete_done(napi, done))
		writel(1, lark->regs + LARK_MASK);
	return done;
}

static netdev_tx_t lark_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct lark *lark = netdev_priv(netdev);
	unsigned long flags;

	spin_lock_irqsave(&lark->tx_lock, flags);
	if (lark->tx_used == LARK_RING) {
		netif_stop_queue(netdev);
		spin_unlock_irqrestore(&lark->tx_lock, flags);
		return NETDEV_TX_BUSY;
	}
	lark->tx_used++;
	writel(skb->len, lark->regs + LARK_SEND);
	spin_unlock_irqrestore(&lark->tx_lock, flags);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static void lark_write_filter(struct lark *lark, u32 filter)
{
	lark->filter_done = false;
	writel(filter, lark->regs + LARK_FILTER);
	wait_event_timeout(lark->filter_wait, lark->filter_done, HZ / 10); // expect: bh-sleep-in-atomic
}

/* Called with the device's address lock held and bottom halves off. */
static void lark_set_rx_mode(struct net_device *netdev)
{
	lark_write_filter(netdev_priv(netdev), 0xff);
}

/* A work item: it may wait, and takes its time. */
static void lark_reset_work(struct work_struct *work)
{
	struct lark *lark = container_of(work, struct lark, reset);

	napi_disable(&lark->napi);
	writel(1, lark->regs + LARK_RESET);
	msleep(20);
	lark_refill(lark, GFP_KERNEL);
	napi_enable(&lark->napi);
}

/* Runs in the watchdog's timer, so the work is left to a work item. */
static void lark_tx_timeout(struct net_device *netdev, unsigned int queue)
{
	struct lark *lark = netdev_priv(netdev);

	schedule_work(&lark->reset);
}

static int lark_open(struct net_device *netdev)
{
	struct lark *lark = netdev_priv(netdev);
	int ret = lark_refill(lark, GFP_KERNEL);

	if (ret)
		return ret;
	napi_enable(&lark->napi);
	return request_irq(lark->irq, lark_interrupt, IRQF_SHARED, "lark", lark);
}

static int lark_stop(struct net_device *netdev)
{
	struct lark *lark = netdev_priv(netdev);

	free_irq(lark->irq, lark);
	napi_disable(&lark->napi);
	cancel_work_sync(&lark->reset);
	return 0;
}

static const struct net_device_ops lark_netdev_ops = {
	.ndo_open = lark_open,
	.ndo_stop = lark_stop,
	.ndo_start_xmit = lark_xmit,
	.ndo_set_rx_mode = lark_set_rx_mode,
	.ndo_tx_timeout = lark_tx_timeout,
};

static int lark_probe(struct platform_device *pdev)
{
	struct net_device *netdev = devm_alloc_etherdev(&pdev->dev, sizeof(struct lark));
	struct lark *lark;

	if (!netdev)
		return -ENOMEM;
	lark = netdev_priv(netdev);
	lark->netdev = netdev;
	lark->regs = devm_platform_ioremap_resource(pdev, 0);
	lark->irq = platform_get_irq(pdev, 0);
	spin_lock_init(&lark->tx_lock);
	init_waitqueue_head(&lark->filter_wait);
	INIT_WORK(&lark->reset, lark_reset_work);
	netif_napi_add(netdev, &lark->napi, lark_poll);
	netdev->netdev_ops = &lark_netdev_ops;
	platform_set_drvdata(pdev, netdev);
	return register_netdev(netdev);
}

static void lark_remove(struct platform_device *pdev)
{
	unregister_netdev(platform_get_drvdata(pdev));
}

static struct platform_driver lark_driver = {
	.probe = lark_probe,
	.remove = lark_remove,
	.driver = { .name = "lark-net" },
};
module_platform_driver(lark_driver);

MODULE_DESCRIPTION("Lark network controller");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
