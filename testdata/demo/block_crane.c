/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Crane: a storage controller, converted from tasklets to work items. Completions go to a BH workqueue, which runs in a
 * softirq; error recovery goes to an ordinary one, which may sleep. The conversion got one of them wrong.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define CRANE_ACK 0x00
#define CRANE_FLUSH 0x04
#define CRANE_RESET 0x08

struct crane {
	struct workqueue_struct *bh_queue;
	struct work_struct done_work;
	struct work_struct flush_work;
	struct work_struct recover_work;
	struct completion idle;
	spinlock_t lock;
	unsigned int active;
	bool broken;
	void __iomem *regs;
};

static void crane_done_work(struct work_struct *work)
{
	struct crane *crane = container_of(work, struct crane, done_work);

	spin_lock(&crane->lock);
	if (--crane->active == 0)
		complete(&crane->idle);
	spin_unlock(&crane->lock);
}

/* Was a work item on an ordinary queue once, where waiting was fine. */
static void crane_flush_work(struct work_struct *work)
{
	struct crane *crane = container_of(work, struct crane, flush_work);

	writel(1, crane->regs + CRANE_FLUSH);
	wait_for_completion(&crane->idle); // expect: bh-mutex-in-atomic
}

static void crane_recover_work(struct work_struct *work)
{
	struct crane *crane = container_of(work, struct crane, recover_work);

	writel(1, crane->regs + CRANE_RESET);
	msleep(50);
	wait_for_completion(&crane->idle);
	crane->broken = false;
}

static irqreturn_t crane_interrupt(int irq, void *data)
{
	struct crane *crane = data;

	writel(1, crane->regs + CRANE_ACK);
	if (crane->broken)
		schedule_work(&crane->recover_work);
	else
		queue_work(crane->bh_queue, &crane->done_work);
	return IRQ_HANDLED;
}

void crane_flush(struct crane *crane)
{
	queue_work(crane->bh_queue, &crane->flush_work);
}

static int crane_probe(struct platform_device *pdev)
{
	struct crane *crane = devm_kzalloc(&pdev->dev, sizeof(*crane), GFP_KERNEL);

	if (!crane)
		return -ENOMEM;
	crane->bh_queue = alloc_workqueue("crane", WQ_BH, 0);
	if (!crane->bh_queue)
		return -ENOMEM;
	crane->regs = devm_platform_ioremap_resource(pdev, 0);
	spin_lock_init(&crane->lock);
	init_completion(&crane->idle);
	INIT_WORK(&crane->done_work, crane_done_work);
	INIT_WORK(&crane->flush_work, crane_flush_work);
	INIT_WORK(&crane->recover_work, crane_recover_work);
	platform_set_drvdata(pdev, crane);
	return devm_request_irq(&pdev->dev, platform_get_irq(pdev, 0), crane_interrupt, 0, "crane", crane);
}

static void crane_remove(struct platform_device *pdev)
{
	struct crane *crane = platform_get_drvdata(pdev);

	cancel_work_sync(&crane->recover_work);
	destroy_workqueue(crane->bh_queue);
}

static struct platform_driver crane_driver = {
	.probe = crane_probe,
	.remove = crane_remove,
	.driver = { .name = "crane-block" },
};
module_platform_driver(crane_driver);

MODULE_DESCRIPTION("Crane storage controller");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
