// Interrupts that the driver core frees, after remove.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct lathe {
	struct work_struct work, masked;
	int irq;
};

static void lathe_work(struct work_struct *work)
{
}

static void lathe_masked_ok(struct work_struct *work)
{
}

static irqreturn_t lathe_irq(int irq, void *data)
{
	struct lathe *lathe = data;

	schedule_work(&lathe->work);
	return IRQ_HANDLED;
}

static int lathe_probe(struct platform_device *pdev)
{
	struct lathe *lathe = devm_kzalloc(&pdev->dev, sizeof(*lathe), GFP_KERNEL);

	if (!lathe)
		return -ENOMEM;
	INIT_WORK(&lathe->work, lathe_work);
	platform_set_drvdata(pdev, lathe);
	return devm_request_irq(&pdev->dev, 7, lathe_irq, 0, "lathe", lathe);
}

static void lathe_remove(struct platform_device *pdev)
{
	struct lathe *lathe = platform_get_drvdata(pdev);

	cancel_work_sync(&lathe->work); // expect: bh-teardown-order low
}

struct platform_driver lathe_driver = {
	.probe = lathe_probe,
	.remove = lathe_remove,
};

static irqreturn_t drill_irq_ok(int irq, void *data)
{
	struct lathe *lathe = data;

	schedule_work(&lathe->masked);
	return IRQ_HANDLED;
}

static int drill_probe(struct platform_device *pdev)
{
	struct lathe *lathe = devm_kzalloc(&pdev->dev, sizeof(*lathe), GFP_KERNEL);

	if (!lathe)
		return -ENOMEM;
	INIT_WORK(&lathe->masked, lathe_masked_ok);
	platform_set_drvdata(pdev, lathe);
	return devm_request_irq(&pdev->dev, 8, drill_irq_ok, 0, "drill", lathe);
}

static void drill_remove(struct platform_device *pdev)
{
	struct lathe *lathe = platform_get_drvdata(pdev);

	disable_irq(lathe->irq);
	cancel_work_sync(&lathe->masked);
}

struct platform_driver drill_driver = {
	.probe = drill_probe,
	.remove = drill_remove,
};
