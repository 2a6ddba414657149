// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct lark_queue {
	int depth;
	struct tasklet_struct tasklet;
};

struct lark_net {
	int packets;
};

struct lark {
	int count;
	struct lark_queue queue;
	struct tasklet_struct task;
	struct tasklet_struct poll;
	struct tasklet_struct tick;
	struct lark_net *net;
};

static int ticks;

/* The number is the structure around the object. */
static void lark_task(unsigned long data)
{
	struct lark *lark = (struct lark *)data;

	lark->count++;
}

static void lark_queue_task(unsigned long arg)
{
	struct lark *lark = (void *)arg;
	int work = lark->queue.depth;

	lark->count += work;
}

/* The number is something else. */
static void lark_poll(unsigned long data)
{
	struct lark_net *net = (struct lark_net *)data;

	net->packets++;
}

/* The number is not used. */
static void lark_tick(unsigned long unused)
{
	ticks++;
}

void lark_flush(struct lark *lark)
{
	lark_task((unsigned long)lark);
	lark_tick(0);
}

void lark_probe(struct lark *lark)
{
	struct lark_net *net = lark->net;

	tasklet_init(&lark->task, lark_task, (unsigned long)lark);
	tasklet_init(&lark->queue.tasklet, lark_queue_task,
		     (unsigned long) lark);
	tasklet_init(&lark->poll, lark_poll, (unsigned long)net);
	tasklet_init(&lark->tick, lark_tick, 0);
	tasklet_schedule(&lark->task);
	tasklet_schedule(&lark->queue.tasklet);
	tasklet_schedule(&lark->poll);
	tasklet_schedule(&lark->tick);
}
