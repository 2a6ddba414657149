/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Loom: no real device. One deferral of each kind, for `bhlint map` and `bhlint advise`: who starts what is said in comments.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct loom {
	void __iomem *regs;
	spinlock_t lock;
	struct mutex config;
	struct tasklet_struct weave;
	struct tasklet_struct shared;
	struct work_struct report;
	struct work_struct quick;
	struct work_struct recover;
	struct work_struct again;
	struct work_struct soft;
	struct delayed_work poll;
	struct timer_list tick;
	struct timer_list pause;
	struct work_struct unused;
};

static struct loom *the_loom;
static void loom_global_work(struct work_struct *work);
static DECLARE_WORK(loom_global, loom_global_work);

static void loom_static_tasklet(struct tasklet_struct *t)
{
}

static DECLARE_TASKLET(loom_static, loom_static_tasklet);

/* Loops, and takes the lock in a helper. Only the interrupt starts it. */
static void loom_take(struct loom *loom)
{
	spin_lock(&loom->lock);
	writel(1, loom->regs);
	spin_unlock(&loom->lock);
}

static void loom_weave(struct tasklet_struct *t)
{
	struct loom *loom = container_of(t, struct loom, weave);

	while (readl(loom->regs))
		loom_take(loom);
}

/* Started by the interrupt and by the timer. */
static void loom_shared(struct tasklet_struct *t)
{
	struct loom *loom = container_of(t, struct loom, shared);
	void *p = kmalloc(16, GFP_ATOMIC);
	unsigned long flags;

	spin_lock_irqsave(&loom->lock, flags);
	writel(2, loom->regs);
	spin_unlock_irqrestore(&loom->lock, flags);
	kfree(p);
}

/* Sleeps; only a timer starts it. */
static void loom_report(struct work_struct *work)
{
	struct loom *loom = container_of(work, struct loom, report);

	mutex_lock(&loom->config);
	msleep(10);
	mutex_unlock(&loom->config);
}

/* Does not sleep; only the interrupt starts it. */
static void loom_quick(struct work_struct *work)
{
	struct loom *loom = container_of(work, struct loom, quick);

	writel(3, loom->regs);
}

/* Starts itself again. */
static void loom_poll(struct work_struct *work)
{
	struct loom *loom = container_of(to_delayed_work(work), struct loom, poll);
	void *p = kmalloc(16, GFP_KERNEL);

	kfree(p);
	schedule_delayed_work(&loom->poll, 100);
}

/* Does some work of its own, starts itself again and a tasklet. */
static void loom_tick(struct timer_list *t)
{
	struct loom *loom = from_timer(loom, t, tick);

	loom_take(loom);
	tasklet_schedule(&loom->shared);
	mod_timer(&loom->tick, 100);
}

/* Does nothing but start a work item. */
static void loom_pause(struct timer_list *t)
{
	struct loom *loom = from_timer(loom, t, pause);

	schedule_work(&loom->report);
}

static void loom_global_work(struct work_struct *work)
{
	msleep(1);
}

/* Sleeps; only the second interrupt starts it. */
static void loom_recover(struct work_struct *work)
{
	msleep(100);
}

/* Starts itself again, by what it was given. */
static void loom_again(struct work_struct *work)
{
	schedule_work(work);
}

/* Runs as a softirq: it is queued on a BH workqueue alone. */
static void loom_soft(struct work_struct *work)
{
	struct loom *loom = container_of(work, struct loom, soft);

	writel(4, loom->regs);
}

/* Never started. */
static void loom_unused(struct work_struct *work)
{
}

/* Starts what it is given. */
static void loom_kick(struct tasklet_struct *t)
{
	tasklet_schedule(t);
}

static irqreturn_t loom_interrupt(int irq, void *data)
{
	struct loom *loom = data;
	struct work_struct *quick = &loom->quick;

	loom_kick(&loom->weave);
	loom_kick(&loom->shared);
	schedule_work(quick);
	if (readl(loom->regs) & 1)
		return IRQ_WAKE_THREAD;
	return IRQ_HANDLED;
}

static irqreturn_t loom_thread(int irq, void *data)
{
	struct loom *loom = data;

	mutex_lock(&loom->config);
	mutex_unlock(&loom->config);
	return IRQ_HANDLED;
}

/* The second interrupt. */
static irqreturn_t loom_error(int irq, void *data)
{
	struct loom *loom = data;

	schedule_work(&loom->recover);
	queue_work(system_bh_wq, &loom->soft);
	mod_timer(&loom->pause, 10);
	return IRQ_HANDLED;
}

static int loom_request(struct platform_device *pdev, int number, irq_handler_t handler, irq_handler_t thread)
{
	return devm_request_threaded_irq(&pdev->dev, platform_get_irq(pdev, number), handler, thread, 0, "loom", the_loom);
}

static int loom_probe(struct platform_device *pdev)
{
	struct loom *loom = the_loom;

	tasklet_setup(&loom->weave, loom_weave);
	tasklet_setup(&loom->shared, loom_shared);
	INIT_WORK(&loom->report, loom_report);
	INIT_WORK(&loom->quick, loom_quick);
	INIT_WORK(&loom->recover, loom_recover);
	INIT_WORK(&loom->again, loom_again);
	INIT_WORK(&loom->soft, loom_soft);
	INIT_WORK(&loom->unused, loom_unused);
	INIT_DELAYED_WORK(&loom->poll, loom_poll);
	timer_setup(&loom->tick, loom_tick, 0);
	timer_setup(&loom->pause, loom_pause, 0);
	schedule_delayed_work(&loom->poll, 100);
	schedule_work(&loom_global);
	schedule_work(&loom->again);
	mod_timer(&loom->tick, 100);
	return loom_request(pdev, 0, loom_interrupt, loom_thread) ?: loom_request(pdev, 1, loom_error, NULL);
}

/* Nobody here calls it. */
void loom_export(struct loom *loom);
void loom_export(struct loom *loom)
{
	guard(spinlock)(&loom->lock);
	tasklet_schedule(&loom_static);
}

static struct platform_driver loom_driver = {
	.probe = loom_probe,
};
module_platform_driver(loom_driver);

/* Two of a kind: the member that a tasklet is in tells which one is started, where the code says it. */
struct loom_channel {
	struct tasklet_struct task;
	spinlock_t lock;
};

struct loom_pair {
	struct loom_channel rx, tx;
};

static void loom_rx(struct tasklet_struct *t)
{
	struct loom_channel *rx = container_of(t, struct loom_channel, task);
	spinlock_t *lock = &rx->lock;

	spin_lock(lock);
	spin_unlock(lock);
}

static void loom_tx(struct tasklet_struct *t)
{
}

void loom_send(struct loom_pair *pair);
void loom_send(struct loom_pair *pair)
{
	tasklet_setup(&pair->rx.task, loom_rx);
	tasklet_setup(&pair->tx.task, loom_tx);
	tasklet_schedule(&pair->tx.task);
}

void loom_either(struct loom_channel *channel);
void loom_either(struct loom_channel *channel)
{
	tasklet_schedule(&channel->task);
}
