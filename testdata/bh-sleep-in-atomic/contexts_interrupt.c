// Callbacks that run in an interrupt, by every way of registering them, and those beside them that may sleep.
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/platform_device.h>
#include <linux/smp.h>

struct board {
	struct device *dev;
	int irq;
	struct irq_work work;
	struct hrtimer hard;
	struct hrtimer soft;
};

static irqreturn_t top_half_bad(int irq, void *data)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return IRQ_HANDLED;
}

static irqreturn_t devm_top_half_bad(int irq, void *data)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return IRQ_HANDLED;
}

static irqreturn_t percpu_top_half_bad(int irq, void *data)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return IRQ_HANDLED;
}

static irqreturn_t primary_bad(int irq, void *data)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return IRQ_WAKE_THREAD;
}

static irqreturn_t primary_ok(int irq, void *data)
{
	udelay(1);
	return IRQ_WAKE_THREAD;
}

static irqreturn_t thread_ok(int irq, void *data)
{
	msleep(1);
	return IRQ_HANDLED;
}

static irqreturn_t devm_thread_ok(int irq, void *data)
{
	msleep(1);
	return IRQ_HANDLED;
}

static void chained_bad(struct irq_desc *desc)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void chained_with_data_bad(struct irq_desc *desc)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void irq_work_bad(struct irq_work *work)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static enum hrtimer_restart hard_timer_bad(struct hrtimer *timer)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart soft_timer_bad(struct hrtimer *timer)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return HRTIMER_NORESTART;
}

static void other_cpu_bad(void *info)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void every_cpu_bad(void *info)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

int board_setup_ok(struct board *b)
{
	int ret;

	ret = request_irq(b->irq, top_half_bad, IRQF_SHARED, "board", b);
	if (ret)
		return ret;
	ret = devm_request_irq(b->dev, b->irq + 1, devm_top_half_bad, 0, "board", b);
	if (ret)
		return ret;
	ret = request_percpu_irq(b->irq + 2, percpu_top_half_bad, "board", b);
	if (ret)
		return ret;
	ret = request_threaded_irq(b->irq + 3, primary_bad, thread_ok, IRQF_ONESHOT, "board", b);
	if (ret)
		return ret;
	ret = devm_request_threaded_irq(b->dev, b->irq + 4, primary_ok, devm_thread_ok, 0, "board", b);
	if (ret)
		return ret;
	irq_set_chained_handler(b->irq + 5, chained_bad);
	irq_set_chained_handler_and_data(b->irq + 6, chained_with_data_bad, b);
	init_irq_work(&b->work, irq_work_bad);
	hrtimer_init(&b->hard, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	b->hard.function = hard_timer_bad;
	hrtimer_init(&b->soft, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	b->soft.function = soft_timer_bad;
	smp_call_function_single(1, other_cpu_bad, b, 1);
	on_each_cpu(every_cpu_bad, b, 1);
	msleep(1);
	return 0;
}
