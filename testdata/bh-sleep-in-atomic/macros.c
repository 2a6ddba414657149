// What sleeps inside a macro is named as the programmer wrote it: wait_event(), not schedule() and not __might_sleep().
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

struct chip {
	spinlock_t lock;
	wait_queue_head_t wait;
	void __iomem *regs;
	int done;
};

void wait_event_bad(struct chip *c)
{
	spin_lock(&c->lock);
	wait_event(c->wait, c->done); // expect: bh-sleep-in-atomic
	spin_unlock(&c->lock);
}

long wait_event_timeout_bad(struct chip *c)
{
	long left;

	spin_lock(&c->lock);
	left = wait_event_timeout(c->wait, c->done, HZ); // expect: bh-sleep-in-atomic
	spin_unlock(&c->lock);
	return left;
}

int wait_event_interruptible_bad(struct chip *c)
{
	int ret;

	rcu_read_lock();
	ret = wait_event_interruptible(c->wait, // expect: bh-sleep-in-atomic
				       c->done);
	rcu_read_unlock();
	return ret;
}

int wait_event_ok(struct chip *c)
{
	spin_lock(&c->lock);
	c->done = 0;
	spin_unlock(&c->lock);
	wait_event(c->wait, c->done);
	return wait_event_interruptible(c->wait, c->done);
}

void might_sleep_bad(struct chip *c)
{
	spin_lock(&c->lock);
	might_sleep(); // expect: bh-sleep-in-atomic
	spin_unlock(&c->lock);
}

void cond_resched_in_lock(struct chip *c)
{
	spin_lock(&c->lock);
	cond_resched(); // expect: bh-sleep-in-atomic medium
	spin_unlock(&c->lock);
}

/* Drops exactly the lock that it is given, and takes it again. */
void cond_resched_lock_ok(struct chip *c)
{
	spin_lock(&c->lock);
	cond_resched_lock(&c->lock);
	spin_unlock(&c->lock);
}

int poll_register_bad(struct chip *c)
{
	u32 value;
	int ret;

	spin_lock(&c->lock);
	ret = readl_poll_timeout(c->regs, value, value & 1, 10, 1000); // expect: bh-sleep-in-atomic
	spin_unlock(&c->lock);
	return ret;
}

/* With no time between two reads it does not sleep. */
int poll_register_ok(struct chip *c)
{
	u32 value;
	int ret;

	spin_lock(&c->lock);
	ret = readl_poll_timeout_atomic(c->regs, value, value & 1, 10, 1000);
	if (!ret)
		ret = readl_poll_timeout(c->regs, value, value & 2, 0, 1000);
	spin_unlock(&c->lock);
	return ret;
}

/* A macro of the driver's own: it is what stands in this line. */
#define CHIP_SETTLE(c) do { (c)->done = 0; msleep(10); } while (0)

void own_macro_bad(struct chip *c)
{
	spin_lock(&c->lock);
	CHIP_SETTLE(c); // expect: bh-sleep-in-atomic
	spin_unlock(&c->lock);
}

/* The condition is the programmer's own code, and runs in the same place. */
static int chip_probe_done(struct chip *c)
{
	msleep(1);
	return c->done;
}

void sleeping_condition_ok(struct chip *c)
{
	wait_event(c->wait, chip_probe_done(c));
}

void after_loop_macro_ok(struct chip *c, int count)
{
	do {
		rcu_read_lock();
		c->done = count;
		rcu_read_unlock();
		cond_resched();
	} while (--count);
}
