// Handlers that wait by keeping the CPU busy.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

struct kiln {
	struct work_struct work;
	int state, mode;
};

static void kiln_settle(struct kiln *kiln)
{
	kiln->state++;
	mdelay(10); // expect: bh-long-top-half
}

static irqreturn_t kiln_irq_bad(int irq, void *data)
{
	struct kiln *kiln = data;

	kiln_settle(kiln);
	return IRQ_HANDLED;
}

static irqreturn_t kiln_wait_bad(int irq, void *data)
{
	udelay(2000); // expect: bh-long-top-half
	return IRQ_HANDLED;
}

// Only under conditions that may exclude each other.
static void kiln_cool(struct kiln *kiln)
{
	if (kiln->mode == 3)
		mdelay(5); // expect: bh-long-top-half medium
}

static void kiln_check(struct kiln *kiln)
{
	if (kiln->state)
		kiln_cool(kiln);
}

static irqreturn_t kiln_doubtful(int irq, void *data)
{
	struct kiln *kiln = data;

	if (kiln->mode)
		kiln_check(kiln);
	return IRQ_HANDLED;
}

static irqreturn_t kiln_short_ok(int irq, void *data)
{
	udelay(5);
	return IRQ_HANDLED;
}

// How long is not known here.
static irqreturn_t fn_kiln_given(int irq, void *data)
{
	struct kiln *kiln = data;

	udelay(kiln->state);
	return IRQ_HANDLED;
}

static void kiln_work_ok(struct work_struct *work)
{
	mdelay(20);
}

static irqreturn_t kiln_thread_ok(int irq, void *data)
{
	mdelay(20);
	return IRQ_HANDLED;
}

int kiln_open(int irq, struct kiln *kiln)
{
	INIT_WORK(&kiln->work, kiln_work_ok);
	schedule_work(&kiln->work);
	return request_irq(irq, kiln_irq_bad, 0, "kiln", kiln) ?: request_irq(irq + 1, kiln_wait_bad, 0, "wait", kiln) ?:
	       request_irq(irq + 2, kiln_short_ok, 0, "short", kiln) ?: request_irq(irq + 3, fn_kiln_given, 0, "given", kiln) ?:
	       request_irq(irq + 4, kiln_doubtful, 0, "cool", kiln) ?:
	       request_threaded_irq(irq + 5, NULL, kiln_thread_ok, IRQF_ONESHOT, "thread", kiln);
}
