// Arguments that are not where they belong, lines of nobody, and handlers that wait for themselves.
#include <linux/interrupt.h>
#include <linux/kernel.h>

struct lamp {
	int irq, spare, level, seen;
};

static irqreturn_t lamp_irq_ok(int irq, void *data)
{
	((struct lamp *)data)->seen++;
	disable_irq_nosync(irq);
	return IRQ_HANDLED;
}

static irqreturn_t lamp_waits_bad(int irq, void *data)
{
	disable_irq(irq); // expect: bh-threaded-irq
	return IRQ_HANDLED;
}

/* of another line */
static irqreturn_t lamp_other_ok(int irq, void *data)
{
	disable_irq(((struct lamp *)data)->spare);
	return IRQ_HANDLED;
}

static irqreturn_t lamp_plain(int irq, void *data)
{
	return IRQ_HANDLED;
}

static irqreturn_t lamp_shy_bad(int irq, void *data)
{
	((struct lamp *)data)->seen++;
	return IRQ_NONE;
}

static irqreturn_t lamp_asks_ok(int irq, void *data)
{
	return ((struct lamp *)data)->level ? IRQ_HANDLED : IRQ_NONE;
}

int lamp_request(struct lamp *lamp)
{
	int error = request_irq(lamp->irq, lamp_irq_ok, 0, "lamp", lamp);

	if (!error)
		error = request_threaded_irq(lamp->irq, NULL, lamp_waits_bad, IRQF_ONESHOT, "lamp", lamp);
	if (!error)
		error = request_threaded_irq(lamp->irq, NULL, lamp_other_ok, IRQF_ONESHOT, "lamp", lamp);
	if (!error)
		error = request_irq(lamp->irq, lamp_asks_ok, 0, "lamp", NULL);
	return error;
}

int lamp_request_shy(struct lamp *lamp)
{
	return request_irq(lamp->irq, lamp_shy_bad, 0, "lamp", lamp); // expect: bh-threaded-irq
}

int lamp_request_bad(struct lamp *lamp)
{
	return request_irq(lamp->irq, lamp_plain, IRQF_SHARED, "lamp", NULL); // expect: bh-threaded-irq
}

int lamp_shifted_bad(struct lamp *lamp)
{
	return request_threaded_irq(lamp->irq, (irq_handler_t)IRQF_SHARED, NULL, // expect: bh-threaded-irq
				    (unsigned long)lamp_plain, "lamp", lamp);
}

int lamp_request_shared(struct lamp *lamp)
{
	return request_irq(lamp->irq, lamp_shy_bad, IRQF_SHARED, "lamp", lamp); // expect: bh-threaded-irq medium
}
