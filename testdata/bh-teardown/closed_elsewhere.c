// An interrupt that somebody else has freed.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static irqreturn_t lock_irq_ok(int irq, void *data)
{
	return IRQ_HANDLED;
}

int lock_register(struct platform_device *pdev);

static int lock_open(struct platform_device *pdev)
{
	return request_irq(8, lock_irq_ok, 0, "lock", pdev);
}

static void lock_close(struct platform_device *pdev)
{
	free_irq(8, pdev);
}

struct lock_ops {
	int (*open)(struct platform_device *pdev);
	void (*close)(struct platform_device *pdev);
};

const struct lock_ops lock_ops = {
	.open = lock_open,
	.close = lock_close,
};

static int lock_probe(struct platform_device *pdev)
{
	int err = lock_open(pdev);

	if (!err && lock_register(pdev)) {
		lock_close(pdev);
		return -ENODEV;
	}
	return err;
}

static void lock_remove(struct platform_device *pdev)
{
}

static struct platform_driver lock_driver = {
	.probe = lock_probe,
	.remove = lock_remove,
};
module_platform_driver(lock_driver);
