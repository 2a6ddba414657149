/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Swift: a bridge chip that is attached by memory or by a serial bus. How its registers are reached is behind a table of
 * operations; one of the two tables waits, and the interrupt handler does not know which one it calls. Neither does bhlint,
 * so what it says here has medium confidence and is shown with --confidence medium.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/platform_device.h>
#include <linux/wait.h>

#define SWIFT_STATUS 0x00

struct swift;

struct swift_access {
	u32 (*read)(struct swift *swift, unsigned int reg);
	void (*write)(struct swift *swift, unsigned int reg, u32 value);
};

struct swift {
	const struct swift_access *access;
	void __iomem *regs;
	wait_queue_head_t bus_wait;
	bool bus_idle;
	u32 bus_value;
};

static u32 swift_memory_read(struct swift *swift, unsigned int reg)
{
	return readl(swift->regs + reg);
}

static void swift_memory_write(struct swift *swift, unsigned int reg, u32 value)
{
	writel(value, swift->regs + reg);
}

static u32 swift_bus_read(struct swift *swift, unsigned int reg)
{
	wait_event(swift->bus_wait, swift->bus_idle); // expect: bh-sleep-in-atomic medium
	return swift->bus_value;
}

static void swift_bus_write(struct swift *swift, unsigned int reg, u32 value)
{
	wait_event(swift->bus_wait, swift->bus_idle);
	swift->bus_value = value;
}

static const struct swift_access swift_memory_access = {
	.read = swift_memory_read,
	.write = swift_memory_write,
};

static const struct swift_access swift_bus_access = {
	.read = swift_bus_read,
	.write = swift_bus_write,
};

static u32 swift_status(struct swift *swift)
{
	return swift->access->read(swift, SWIFT_STATUS);
}

static irqreturn_t swift_interrupt(int irq, void *data)
{
	struct swift *swift = data;

	return swift_status(swift) & 1 ? IRQ_HANDLED : IRQ_NONE;
}

static int swift_probe(struct platform_device *pdev)
{
	struct swift *swift = devm_kzalloc(&pdev->dev, sizeof(*swift), GFP_KERNEL);

	if (!swift)
		return -ENOMEM;
	swift->regs = devm_platform_ioremap_resource(pdev, 0);
	swift->access = swift->regs ? &swift_memory_access : &swift_bus_access;
	init_waitqueue_head(&swift->bus_wait);
	swift->access->write(swift, SWIFT_STATUS, 1);
	platform_set_drvdata(pdev, swift);
	return devm_request_irq(&pdev->dev, platform_get_irq(pdev, 0), swift_interrupt, 0, "swift", swift);
}

static struct platform_driver swift_driver = {
	.probe = swift_probe,
	.driver = { .name = "swift-bridge" },
};
module_platform_driver(swift_driver);

MODULE_DESCRIPTION("Swift bridge");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
