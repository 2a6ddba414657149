/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Finch: two keys on GPIO lines. One is on the SoC and debounced with a timer; the other hangs behind a bus expander, so
 * reading it sleeps, and it is debounced with a delayed work item.
 */
#include <linux/delay.h>
#include <linux/gpio/consumer.h>
#include <linux/input.h>
#include <linux/interrupt.h>
#include <linux/platform_device.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#define FINCH_DEBOUNCE_MS 20

struct finch {
	struct input_dev *input;
	struct gpio_desc *near;
	struct gpio_desc *far;
	struct timer_list near_timer;
	struct delayed_work far_work;
};

/* Reads until two samples agree. */
static int finch_stable_value(struct finch *finch)
{
	int value = gpiod_get_value(finch->near);
	int again;

	for (;;) {
		msleep(2); // expect: bh-sleep-in-atomic
		again = gpiod_get_value(finch->near);
		if (again == value)
			return value;
		value = again;
	}
}

static void finch_near_timer(struct timer_list *t)
{
	struct finch *finch = from_timer(finch, t, near_timer);

	input_report_key(finch->input, 1, finch_stable_value(finch));
	input_sync(finch->input);
}

static void finch_far_work(struct work_struct *work)
{
	struct finch *finch = container_of(to_delayed_work(work), struct finch, far_work);
	int value;

	msleep(2);
	value = gpiod_get_value_cansleep(finch->far);
	input_report_key(finch->input, 2, value);
	input_sync(finch->input);
}

static irqreturn_t finch_near_interrupt(int irq, void *data)
{
	struct finch *finch = data;

	mod_timer(&finch->near_timer, jiffies + msecs_to_jiffies(FINCH_DEBOUNCE_MS));
	return IRQ_HANDLED;
}

static irqreturn_t finch_far_interrupt(int irq, void *data)
{
	struct finch *finch = data;

	schedule_delayed_work(&finch->far_work, msecs_to_jiffies(FINCH_DEBOUNCE_MS));
	return IRQ_HANDLED;
}

static int finch_probe(struct platform_device *pdev)
{
	struct finch *finch = devm_kzalloc(&pdev->dev, sizeof(*finch), GFP_KERNEL);
	int ret;

	if (!finch)
		return -ENOMEM;
	finch->input = devm_input_allocate_device(&pdev->dev);
	finch->near = devm_gpiod_get(&pdev->dev, "near", 0);
	finch->far = devm_gpiod_get(&pdev->dev, "far", 0);
	timer_setup(&finch->near_timer, finch_near_timer, 0);
	INIT_DELAYED_WORK(&finch->far_work, finch_far_work);
	ret = devm_request_irq(&pdev->dev, gpiod_to_irq(finch->near), finch_near_interrupt, 0, "near", finch);
	if (ret)
		return ret;
	ret = devm_request_irq(&pdev->dev, gpiod_to_irq(finch->far), finch_far_interrupt, 0, "far", finch);
	if (ret)
		return ret;
	platform_set_drvdata(pdev, finch);
	return input_register_device(finch->input);
}

static void finch_remove(struct platform_device *pdev)
{
	struct finch *finch = platform_get_drvdata(pdev);

	del_timer_sync(&finch->near_timer);
	cancel_delayed_work_sync(&finch->far_work);
}

static struct platform_driver finch_driver = {
	.probe = finch_probe,
	.remove = finch_remove,
	.driver = { .name = "finch-keys" },
};
module_platform_driver(finch_driver);

MODULE_DESCRIPTION("Finch GPIO keys");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
