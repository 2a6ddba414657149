// Loops of a handler: how many rounds they have is not known.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>

struct oven {
	int busy, errors, irq;
};

static int oven_status(struct oven *oven);

static irqreturn_t oven_poll(int irq, void *data)
{
	struct oven *oven = data;

	while (oven_status(oven))
		udelay(50); // expect: bh-long-top-half medium
	return IRQ_HANDLED;
}

static irqreturn_t oven_print(int irq, void *data)
{
	struct oven *oven = data;

	while (oven_status(oven))
		_printk("oven: error %d\n", oven->errors); // expect: bh-long-top-half low
	return IRQ_HANDLED;
}

/* a moment, and a message for each interrupt */
static irqreturn_t oven_once_ok(int irq, void *data)
{
	struct oven *oven = data;

	while (oven_status(oven))
		udelay(1);
	_printk("oven: error %d\n", oven->errors);
	return IRQ_HANDLED;
}

int oven_request(struct oven *oven)
{
	return request_irq(oven->irq, oven_poll, 0, "oven", oven) ?: request_irq(oven->irq, oven_print, 0, "oven", oven) ?:
	       request_irq(oven->irq, oven_once_ok, 0, "oven", oven);
}
