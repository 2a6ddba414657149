// One function in two contexts: what is right for one of them is wrong for the other.
#include <linux/delay.h>
#include <linux/interrupt.h>

struct sensor {
	struct device *dev;
	int irq;
};

/* A thread function of one line, and the primary handler of another. */
static irqreturn_t both_bad(int irq, void *data)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return IRQ_HANDLED;
}

/* A thread function of two lines. */
static irqreturn_t threads_ok(int irq, void *data)
{
	msleep(1);
	return IRQ_HANDLED;
}

/* A helper that the thread calls. */
static void read_slow(struct sensor *s)
{
	msleep(1);
}

static irqreturn_t helper_thread_ok(int irq, void *data)
{
	read_slow(data);
	return IRQ_HANDLED;
}

/* The same with a helper that the primary handler calls as well. */
static void read_shared(struct sensor *s)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static irqreturn_t shared_thread(int irq, void *data)
{
	read_shared(data);
	return IRQ_HANDLED;
}

static irqreturn_t shared_primary_bad(int irq, void *data)
{
	read_shared(data);
	return IRQ_WAKE_THREAD;
}

int sensor_setup(struct sensor *s, bool threaded)
{
	int ret;

	if (threaded)
		ret = request_threaded_irq(s->irq, NULL, both_bad, IRQF_ONESHOT, "sensor", s);
	else
		ret = request_irq(s->irq, both_bad, 0, "sensor", s);
	if (ret)
		return ret;
	ret = request_threaded_irq(s->irq + 1, NULL, threads_ok, IRQF_ONESHOT, "sensor", s);
	if (ret)
		return ret;
	ret = devm_request_threaded_irq(s->dev, s->irq + 2, NULL, threads_ok, IRQF_ONESHOT, "sensor", s);
	if (ret)
		return ret;
	ret = request_threaded_irq(s->irq + 3, NULL, helper_thread_ok, IRQF_ONESHOT, "sensor", s);
	if (ret)
		return ret;
	return request_threaded_irq(s->irq + 4, shared_primary_bad, shared_thread, IRQF_ONESHOT, "sensor", s);
}
