// Handlers, threads and flags that do not go together, and some that do.
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>

struct chip {
	struct device *dev;
	int irq, events;
	unsigned long flags;
};

static irqreturn_t chip_thread(int irq, void *data)
{
	return IRQ_HANDLED;
}

static irqreturn_t chip_wakes(int irq, void *data)
{
	struct chip *chip = data;

	return chip->events ? IRQ_WAKE_THREAD : IRQ_NONE;
}

static irqreturn_t chip_never_wakes(int irq, void *data)
{
	struct chip *chip = data;
	irqreturn_t result = IRQ_NONE;

	if (chip->events)
		result = IRQ_HANDLED;
	return result;
}

irqreturn_t chip_says(struct chip *chip);

static irqreturn_t chip_asks(int irq, void *data)
{
	return chip_says(data);
}

int chip_request_bad(struct chip *chip)
{
	int err;

	err = request_threaded_irq(chip->irq, NULL, chip_thread, 0, "chip", chip); // expect: bh-threaded-irq medium
	err |= devm_request_threaded_irq(chip->dev, chip->irq, NULL, chip_thread, IRQF_SHARED, "chip", chip); // expect: bh-threaded-irq medium
	err |= request_irq(chip->irq, chip_wakes, 0, "chip", chip); // expect: bh-threaded-irq
	err |= request_threaded_irq(chip->irq, chip_wakes, NULL, 0, "chip", chip); // expect: bh-threaded-irq
	err |= request_threaded_irq(chip->irq, chip_never_wakes, chip_thread, 0, "chip", chip); // expect: bh-threaded-irq
	/* swapped */
	err |= request_threaded_irq(chip->irq, chip_thread, chip_wakes, 0, "chip", chip); // expect: bh-threaded-irq
	return err;
}

int chip_request_ok(struct chip *chip)
{
	int err;

	err = request_threaded_irq(chip->irq, NULL, chip_thread, IRQF_ONESHOT, "chip", chip);
	err |= devm_request_threaded_irq(chip->dev, chip->irq, NULL, chip_thread, IRQF_TRIGGER_RISING | IRQF_ONESHOT,
					 "chip", chip);
	err |= request_threaded_irq(chip->irq, chip_wakes, chip_thread, IRQF_SHARED, "chip", chip);
	err |= request_irq(chip->irq, chip_never_wakes, 0, "chip", chip);
	err |= request_threaded_irq(chip->irq, chip_asks, chip_thread, 0, "chip", chip);
	return err;
}

/* Missed: the flags come from elsewhere. */
int fn_request_with_flags_of_a_table(struct chip *chip)
{
	return request_threaded_irq(chip->irq, NULL, chip_thread, chip->flags, "chip", chip);
}
