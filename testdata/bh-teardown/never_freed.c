// An interrupt that the module never frees.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static irqreturn_t dam_irq(int irq, void *data)
{
	return IRQ_HANDLED;
}

static int dam_probe(struct platform_device *pdev)
{
	return request_irq(7, dam_irq, 0, "dam", pdev);
}

static void dam_remove(struct platform_device *pdev) // expect: bh-teardown low
{
}

static struct platform_driver dam_driver = {
	.probe = dam_probe,
	.remove = dam_remove,
};
module_platform_driver(dam_driver);
