// Work items: process context, unless the queue that they are queued on is a BH workqueue.
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

struct engine {
	struct workqueue_struct *bh_queue;
	struct workqueue_struct *queue;
	struct work_struct plain;
	struct work_struct on_own_queue;
	struct work_struct bh;
	struct work_struct bh_highpri;
	struct work_struct bh_own;
	struct work_struct both;
	struct delayed_work delayed;
};

static void plain_work_ok(struct work_struct *work)
{
	msleep(1);
}

static void own_queue_work_ok(struct work_struct *work)
{
	msleep(1);
}

static void delayed_work_ok(struct work_struct *work)
{
	msleep(1);
}

static void declared_work_ok(struct work_struct *work)
{
	msleep(1);
}

static void bh_work_bad(struct work_struct *work)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void bh_highpri_work_bad(struct work_struct *work)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void bh_own_work_bad(struct work_struct *work)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void declared_bh_work_bad(struct work_struct *work)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

/* Queued on a normal and on a BH queue: one of the two is enough. */
static void both_work_bad(struct work_struct *work)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static int thread_ok(void *data)
{
	while (!kthread_should_stop())
		msleep(100);
	return 0;
}

static DECLARE_WORK(declared_work, declared_work_ok);
static DECLARE_WORK(declared_bh_work, declared_bh_work_bad);

int engine_setup(struct engine *e)
{
	e->bh_queue = alloc_workqueue("engine-bh", WQ_BH | WQ_HIGHPRI, 0);
	e->queue = alloc_workqueue("engine", WQ_HIGHPRI, 0);
	INIT_WORK(&e->plain, plain_work_ok);
	INIT_WORK(&e->on_own_queue, own_queue_work_ok);
	INIT_WORK(&e->bh, bh_work_bad);
	INIT_WORK(&e->bh_highpri, bh_highpri_work_bad);
	INIT_WORK(&e->bh_own, bh_own_work_bad);
	INIT_WORK(&e->both, both_work_bad);
	INIT_DELAYED_WORK(&e->delayed, delayed_work_ok);
	return IS_ERR(kthread_run(thread_ok, e, "engine")) ? -ENOMEM : 0;
}

void engine_kick(struct engine *e, bool urgent)
{
	schedule_work(&e->plain);
	queue_work(e->queue, &e->on_own_queue);
	schedule_delayed_work(&e->delayed, HZ);
	schedule_work(&declared_work);
	queue_work(system_bh_wq, &e->bh);
	queue_work(system_bh_highpri_wq, &e->bh_highpri);
	queue_work(e->bh_queue, &e->bh_own);
	queue_work(system_bh_wq, &declared_bh_work);
	if (urgent)
		queue_work(system_bh_wq, &e->both);
	else
		queue_work(system_wq, &e->both);
}
