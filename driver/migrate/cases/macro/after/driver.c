// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct rook {
	struct work_struct tasks[4];
	int count;
};

#define ROOK_KICK(rook, i) queue_work(system_bh_wq, &(rook)->tasks[i])

static void rook_task(struct work_struct *t)
{
}

void rook_kick(struct rook *rook)
{
	ROOK_KICK(rook, 0);
	ROOK_KICK(rook, rook->count);
}

void rook_probe(struct rook *rook)
{
	int i;

	for (i = 0; i < 4; i++)
		INIT_WORK(&rook->tasks[i], rook_task);
}

void rook_remove(struct rook *rook)
{
	int i;

	for (i = 0; i < 4; i++)
		cancel_work_sync(&rook->tasks[i]);
}
