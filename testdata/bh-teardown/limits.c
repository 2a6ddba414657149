// What is missed.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct sluice {
	struct device *dev;
	struct work_struct work;
	int level;
};

static void sluice_work(struct work_struct *work)
{
	container_of(work, struct sluice, work)->level++;
}

static irqreturn_t sluice_irq(int irq, void *data)
{
	struct sluice *sluice = data;

	schedule_work(&sluice->work);
	return IRQ_HANDLED;
}

static int sluice_probe(struct platform_device *pdev)
{
	struct sluice *sluice = devm_kzalloc(&pdev->dev, sizeof(*sluice), GFP_KERNEL);

	if (!sluice)
		return -ENOMEM;
	sluice->dev = &pdev->dev;
	INIT_WORK(&sluice->work, sluice_work);
	platform_set_drvdata(pdev, sluice);
	return devm_request_irq(&pdev->dev, 7, sluice_irq, 0, "sluice", sluice);
}

// The interrupt is freed after this, and may queue the work again: the order is not looked at.
static void fn_sluice_remove(struct platform_device *pdev)
{
	struct sluice *sluice = platform_get_drvdata(pdev);

	cancel_work_sync(&sluice->work);
	sluice->level = 0;
}

struct platform_driver sluice_driver = {
	.probe = sluice_probe,
	.remove = fn_sluice_remove,
};

struct gauge {
	struct work_struct work;
	int level;
};

static void gauge_work(struct work_struct *work)
{
	container_of(work, struct gauge, work)->level++;
}

static int gauge_probe(struct platform_device *pdev)
{
	struct gauge *gauge = kzalloc(sizeof(*gauge), GFP_KERNEL);

	if (!gauge)
		return -ENOMEM;
	INIT_WORK(&gauge->work, gauge_work);
	schedule_work(&gauge->work);
	platform_set_drvdata(pdev, gauge);
	return 0;
}

// To what record a pointer points that is used for nothing else is not known.
static void fn_gauge_remove(struct platform_device *pdev)
{
	kfree(platform_get_drvdata(pdev));
}

static struct platform_driver gauge_driver = {
	.probe = gauge_probe,
	.remove = fn_gauge_remove,
};
module_platform_driver(gauge_driver);
