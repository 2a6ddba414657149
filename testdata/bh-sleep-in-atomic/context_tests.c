// in_interrupt() and its relatives. Each proves something, and none proves that no spinlock is held.
#include <linux/delay.h>
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>

struct link {
	spinlock_t lock;
	int irq;
	struct tasklet_struct tested;
	struct tasklet_struct task_tested;
	struct tasklet_struct locked;
	struct tasklet_struct forgotten;
};

static void settle(struct link *l)
{
	if (in_interrupt())
		udelay(100);
	else
		msleep(1);
}

static void tested_task_ok(struct tasklet_struct *t)
{
	struct link *l = from_tasklet(l, t, tested);

	settle(l);
}

static irqreturn_t tested_irq_ok(int irq, void *data)
{
	settle(data);
	return IRQ_HANDLED;
}

void tested_process_ok(struct link *l)
{
	settle(l);
}

/* in_interrupt() is true with bottom halves off, so this caller is safe. */
void tested_bh_off_ok(struct link *l)
{
	spin_lock_bh(&l->lock);
	settle(l);
	spin_unlock_bh(&l->lock);
}

/* The trap: a task that holds a spinlock is not in an interrupt. */
static void settle_trapped(struct link *l)
{
	if (in_interrupt())
		udelay(100);
	else
		msleep(1); // expect: bh-sleep-in-atomic
}

void tested_spinlock_bad(struct link *l)
{
	spin_lock(&l->lock);
	settle_trapped(l);
	spin_unlock(&l->lock);
}

/* Nor is one that has switched off interrupts. */
static void settle_irqs_off(struct link *l)
{
	if (in_interrupt())
		udelay(100);
	else
		msleep(1); // expect: bh-sleep-in-atomic
}

void tested_irqs_off_bad(struct link *l)
{
	unsigned long flags;

	spin_lock_irqsave(&l->lock, flags);
	settle_irqs_off(l);
	spin_unlock_irqrestore(&l->lock, flags);
}

/* irqs_disabled() sees exactly that. */
static void settle_checked(struct link *l)
{
	if (in_interrupt() || irqs_disabled())
		udelay(100);
	else
		msleep(1);
}

void tested_irqs_disabled_ok(struct link *l)
{
	unsigned long flags;

	spin_lock_irqsave(&l->lock, flags);
	settle_checked(l);
	spin_unlock_irqrestore(&l->lock, flags);
}

/* But it does not see a plain spinlock. */
static void settle_checked_trapped(struct link *l)
{
	if (in_interrupt() || irqs_disabled())
		udelay(100);
	else
		msleep(1); // expect: bh-sleep-in-atomic
}

void tested_irqs_disabled_bad(struct link *l)
{
	spin_lock(&l->lock);
	settle_checked_trapped(l);
	spin_unlock(&l->lock);
}

/* in_task() is false in a tasklet... */
static void task_tested_task_ok(struct tasklet_struct *t)
{
	if (in_task())
		msleep(1);
}

/* ...whatever it has locked... */
static void task_tested_locked_task_ok(struct tasklet_struct *t)
{
	struct link *l = from_tasklet(l, t, locked);

	spin_lock(&l->lock);
	if (in_task())
		msleep(1);
	spin_unlock(&l->lock);
}

/* ...and true for a task with a lock. */
void task_tested_bad(struct link *l)
{
	spin_lock(&l->lock);
	if (in_task())
		msleep(1); // expect: bh-sleep-in-atomic
	spin_unlock(&l->lock);
}

/* in_atomic() is true in interrupts. */
static irqreturn_t atomic_tested_irq_ok(int irq, void *data)
{
	if (!in_atomic())
		msleep(1);
	return IRQ_HANDLED;
}

/* The result of the test goes through a local and a parameter. */
static void settle_parameter(struct link *l, bool atomic)
{
	if (!atomic)
		msleep(1);
}

static irqreturn_t tested_through_parameter_irq_ok(int irq, void *data)
{
	bool atomic = in_interrupt();

	settle_parameter(data, atomic);
	return IRQ_HANDLED;
}

/* Tested the wrong way round. */
static void inverted_task_bad(struct tasklet_struct *t)
{
	if (in_interrupt())
		msleep(1); // expect: bh-sleep-in-atomic
}

int link_setup(struct link *l)
{
	int ret;

	tasklet_setup(&l->tested, tested_task_ok);
	tasklet_setup(&l->task_tested, task_tested_task_ok);
	tasklet_setup(&l->locked, task_tested_locked_task_ok);
	tasklet_setup(&l->forgotten, inverted_task_bad);
	ret = request_irq(l->irq, tested_irq_ok, 0, "link", l);
	if (ret)
		return ret;
	ret = request_irq(l->irq + 1, atomic_tested_irq_ok, 0, "link", l);
	if (ret)
		return ret;
	return request_irq(l->irq + 2, tested_through_parameter_irq_ok, 0, "link", l);
}
