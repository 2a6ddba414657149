// Paths that end, code that runs only at load time, and code that nothing reaches.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/spinlock.h>

struct guardian {
	spinlock_t lock;
	struct tasklet_struct task;
	struct tasklet_struct checked;
	int broken;
};

/* Behind BUG() nothing runs. */
void lock_then_bug_ok(struct guardian *g)
{
	if (g->broken) {
		spin_lock(&g->lock);
		BUG();
	}
	msleep(1);
}

void lock_then_panic_ok(struct guardian *g)
{
	if (g->broken) {
		spin_lock(&g->lock);
		panic("guardian is broken");
	}
	msleep(1);
}

static void __noreturn give_up(struct guardian *g)
{
	spin_lock(&g->lock);
	panic("guardian gives up");
}

void lock_then_own_noreturn_ok(struct guardian *g)
{
	if (g->broken)
		give_up(g);
	msleep(1);
}

/* WARN_ON() goes on. */
void lock_then_warn_bad(struct guardian *g)
{
	if (WARN_ON(g->broken))
		spin_lock(&g->lock);
	msleep(1); // expect: bh-sleep-in-atomic
	if (g->broken)
		spin_unlock(&g->lock);
}

void bug_on_ok(struct guardian *g)
{
	BUG_ON(!g->broken);
	spin_lock(&g->lock);
	g->broken = 0;
	spin_unlock(&g->lock);
	msleep(1);
}

static void checked_task_ok(struct tasklet_struct *t)
{
	BUG();
	msleep(1);
}

/* Only the module's initialisation calls it, without a lock. */
static int __init guardian_reset(void)
{
	msleep(10);
	return 0;
}

static struct guardian guardian;

static void registered_by_init_bad(struct tasklet_struct *t)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

/* A lock is a lock at load time, too. */
static int __init guardian_calibrate_bad(void)
{
	spin_lock(&guardian.lock);
	msleep(1); // expect: bh-sleep-in-atomic
	spin_unlock(&guardian.lock);
	return 0;
}

static int __init guardian_init(void)
{
	int ret = guardian_reset();

	tasklet_setup(&guardian.task, registered_by_init_bad);
	tasklet_setup(&guardian.checked, checked_task_ok);
	return ret ? ret : guardian_calibrate_bad();
}
module_init(guardian_init);

/* Looks like a handler, but nothing registers it. */
irqreturn_t never_registered_ok(int irq, void *data)
{
	msleep(1);
	return IRQ_HANDLED;
}

/* A table that nothing calls through under a lock. */
struct guardian_ops {
	void (*run)(struct guardian *g);
};

static void never_called_ok(struct guardian *g)
{
	msleep(1);
}

const struct guardian_ops guardian_ops = {
	.run = never_called_ok,
};

/* Constant conditions: the code is there, but no path leads to it. */
void switched_off_ok(struct guardian *g)
{
	spin_lock(&g->lock);
	if (0)
		msleep(1);
	if (IS_ENABLED(CONFIG_GUARDIAN_SLEEPS))
		msleep(1);
	spin_unlock(&g->lock);
}
MODULE_LICENSE("GPL");
