// Callbacks that run in a softirq: softirqs proper, NAPI, timers, RCU callbacks, tasklets in all their forms.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/timer.h>

struct node {
	struct rcu_head rcu;
	struct napi_struct napi;
	struct net_device *dev;
	struct timer_list timer;
	struct timer_list assigned;
	struct tasklet_struct task;
	struct tasklet_struct old_task;
	struct tasklet_struct quick_task;
};

static void softirq_bad(void)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static int poll_bad(struct napi_struct *napi, int budget)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return 0;
}

static void timer_bad(struct timer_list *timer)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void static_timer_bad(struct timer_list *timer)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void assigned_timer_bad(struct timer_list *timer)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void rcu_callback_bad(struct rcu_head *head)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void task_bad(struct tasklet_struct *t)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void old_task_bad(unsigned long data)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void declared_task_bad(struct tasklet_struct *t)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void declared_disabled_task_bad(struct tasklet_struct *t)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void declared_old_task_bad(unsigned long data)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void declared_disabled_old_task_bad(unsigned long data)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void quick_task_ok(struct tasklet_struct *t)
{
	struct node *n = from_tasklet(n, t, quick_task);

	mod_timer(&n->timer, jiffies + HZ);
	napi_schedule(&n->napi);
	udelay(1);
}

DEFINE_TIMER(static_timer, static_timer_bad);
DECLARE_TASKLET(declared, declared_task_bad);
DECLARE_TASKLET_DISABLED(declared_disabled, declared_disabled_task_bad);
DECLARE_TASKLET_OLD(declared_old, declared_old_task_bad);
DECLARE_TASKLET_DISABLED_OLD(declared_disabled_old, declared_disabled_old_task_bad);

void node_setup_ok(struct node *n)
{
	open_softirq(BLOCK_SOFTIRQ, softirq_bad);
	netif_napi_add(n->dev, &n->napi, poll_bad);
	timer_setup(&n->timer, timer_bad, 0);
	n->assigned.function = assigned_timer_bad;
	tasklet_setup(&n->task, task_bad);
	tasklet_init(&n->old_task, old_task_bad, (unsigned long)n);
	tasklet_setup(&n->quick_task, quick_task_ok);
	call_rcu(&n->rcu, rcu_callback_bad);
	/* Waiting for a tasklet to end is what process context is for. */
	tasklet_kill(&n->task);
}
