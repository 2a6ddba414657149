// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct snipe {
	int irq, count;
	struct work_struct task;
};

static void snipe_task(struct work_struct *t)
{
	struct snipe *snipe = from_work(snipe, t, task);

	snipe->count++;
}

static irqreturn_t snipe_irq(int irq, void *data)
{
	struct snipe *snipe = data;

	queue_work(system_bh_wq, &snipe->task);
	return IRQ_HANDLED;
}

static int snipe_probe(struct platform_device *pdev)
{
	struct snipe *snipe = kzalloc(sizeof(*snipe), GFP_KERNEL);

	if (!snipe)
		return -ENOMEM;
	INIT_WORK(&snipe->task, snipe_task);
	platform_set_drvdata(pdev, snipe);
	return request_irq(snipe->irq, snipe_irq, 0, "snipe", snipe);
}

/* It may be scheduled again before the interrupt is freed, which only a rule says that is off by default. */
static void snipe_remove(struct platform_device *pdev)
{
	struct snipe *snipe = platform_get_drvdata(pdev);

	cancel_work_sync(&snipe->task);
	free_irq(snipe->irq, snipe);
	kfree(snipe);
}

static struct platform_driver snipe_driver = {
	.probe = snipe_probe,
	.remove = snipe_remove,
};
module_platform_driver(snipe_driver);
