// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct lark_queue {
	int depth;
	struct work_struct tasklet;
};

struct lark_net {
	int packets;
};

struct lark {
	int count;
	struct lark_queue queue;
	struct work_struct task;
	struct work_struct poll;
	struct lark_net *poll_data;
	struct work_struct tick;
	struct lark_net *net;
};

static int ticks;

/* The number is the structure around the object. */
static void lark_task(struct work_struct *work)
{
	struct lark *lark = from_work(lark, work, task);

	lark->count++;
}

static void lark_queue_task(struct work_struct *bh_work)
{
	struct lark *lark = from_work(lark, bh_work, queue.tasklet);
	int work = lark->queue.depth;

	lark->count += work;
}

/* The number is something else. */
static void lark_poll(struct work_struct *work)
{
	struct lark_net *net = container_of(work, struct lark, poll)->poll_data;

	net->packets++;
}

/* The number is not used. */
static void lark_tick(struct work_struct *work)
{
	ticks++;
}

void lark_flush(struct lark *lark)
{
	lark_task(&lark->task);
	lark_tick(NULL);
}

void lark_probe(struct lark *lark)
{
	struct lark_net *net = lark->net;

	INIT_WORK(&lark->task, lark_task);
	INIT_WORK(&lark->queue.tasklet, lark_queue_task);
	INIT_WORK(&lark->poll, lark_poll);
	lark->poll_data = net;
	INIT_WORK(&lark->tick, lark_tick);
	queue_work(system_bh_wq, &lark->task);
	queue_work(system_bh_wq, &lark->queue.tasklet);
	queue_work(system_bh_wq, &lark->poll);
	queue_work(system_bh_wq, &lark->tick);
}
