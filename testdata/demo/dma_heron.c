/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Heron: a DMA engine. The interrupt only acknowledges; a tasklet completes descriptors and starts the next one.
 */
#include <linux/dmaengine.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#define HERON_START 0x00
#define HERON_ACK 0x04
#define HERON_LENGTH 0x08

struct heron_desc {
	struct dma_async_tx_descriptor tx;
	struct list_head entry;
	size_t length;
};

struct heron {
	struct dma_device dma;
	struct dma_chan chan;
	struct tasklet_struct task;
	spinlock_t lock;
	struct list_head queue;
	struct mutex stats_mutex;
	u64 transferred;
	void __iomem *regs;
};

static struct heron *to_heron(struct dma_chan *chan)
{
	return container_of(chan, struct heron, chan);
}

/* The statistics are shared with a slow reader, hence the mutex. */
static void heron_account(struct heron *heron, size_t length)
{
	mutex_lock(&heron->stats_mutex); // expect: bh-mutex-in-atomic
	heron->transferred += length;
	mutex_unlock(&heron->stats_mutex);
}

static void heron_finish(struct heron *heron, struct heron_desc *desc)
{
	heron_account(heron, desc->length);
	if (desc->tx.callback)
		desc->tx.callback(desc->tx.callback_param);
	kfree(desc);
}

/* With heron->lock held. */
static void heron_start_next(struct heron *heron)
{
	struct heron_desc *desc;

	if (list_empty(&heron->queue))
		return;
	desc = list_first_entry(&heron->queue, struct heron_desc, entry);
	writel(desc->length, heron->regs + HERON_LENGTH);
	writel(1, heron->regs + HERON_START);
}

static void heron_task(struct tasklet_struct *t)
{
	struct heron *heron = from_tasklet(heron, t, task);
	struct heron_desc *desc = NULL;

	spin_lock_irq(&heron->lock);
	if (!list_empty(&heron->queue)) {
		desc = list_first_entry(&heron->queue, struct heron_desc, entry);
		list_del(&desc->entry);
		heron_start_next(heron);
	}
	spin_unlock_irq(&heron->lock);
	if (desc)
		heron_finish(heron, desc);
}

static irqreturn_t heron_interrupt(int irq, void *data)
{
	struct heron *heron = data;

	writel(1, heron->regs + HERON_ACK);
	tasklet_schedule(&heron->task);
	return IRQ_HANDLED;
}

static dma_cookie_t heron_submit(struct dma_async_tx_descriptor *tx)
{
	struct heron_desc *desc = container_of(tx, struct heron_desc, tx);
	struct heron *heron = to_heron(tx->chan);
	unsigned long flags;

	spin_lock_irqsave(&heron->lock, flags);
	list_add_tail(&desc->entry, &heron->queue);
	spin_unlock_irqrestore(&heron->lock, flags);
	return 1;
}

/* May be called from anywhere, so it must not wait for memory. */
static struct dma_async_tx_descriptor *heron_prep_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
							 size_t length, unsigned long flags)
{
	struct heron_desc *desc = kzalloc(sizeof(*desc), GFP_NOWAIT);

	if (!desc)
		return NULL;
	desc->length = length;
	desc->tx.chan = chan;
	desc->tx.tx_submit = heron_submit;
	return &desc->tx;
}

static void heron_issue_pending(struct dma_chan *chan)
{
	struct heron *heron = to_heron(chan);
	unsigned long flags;

	spin_lock_irqsave(&heron->lock, flags);
	heron_start_next(heron);
	spin_unlock_irqrestore(&heron->lock, flags);
}

/* Process context by contract: here the engine may be waited for. */
static void heron_synchronize(struct dma_chan *chan)
{
	tasklet_kill(&to_heron(chan)->task);
}

static int heron_probe(struct platform_device *pdev)
{
	struct heron *heron = devm_kzalloc(&pdev->dev, sizeof(*heron), GFP_KERNEL);
	int ret;

	if (!heron)
		return -ENOMEM;
	heron->regs = devm_platform_ioremap_resource(pdev, 0);
	spin_lock_init(&heron->lock);
	mutex_init(&heron->stats_mutex);
	INIT_LIST_HEAD(&heron->queue);
	tasklet_setup(&heron->task, heron_task);
	heron->dma.device_prep_dma_memcpy = heron_prep_memcpy;
	heron->dma.device_issue_pending = heron_issue_pending;
	heron->dma.device_synchronize = heron_synchronize;
	ret = devm_request_irq(&pdev->dev, platform_get_irq(pdev, 0), heron_interrupt, 0, "heron", heron);
	if (ret)
		return ret;
	platform_set_drvdata(pdev, heron);
	return dma_async_device_register(&heron->dma);
}

static void heron_remove(struct platform_device *pdev)
{
	struct heron *heron = platform_get_drvdata(pdev);

	dma_async_device_unregister(&heron->dma);
	tasklet_kill(&heron->task);
}

static struct platform_driver heron_driver = {
	.probe = heron_probe,
	.remove = heron_remove,
	.driver = { .name = "heron-dma" },
};
module_platform_driver(heron_driver);

MODULE_DESCRIPTION("Heron DMA engine");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
