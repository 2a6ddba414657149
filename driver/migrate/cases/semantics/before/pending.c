// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/module.h>

struct pending {
	struct tasklet_struct task;
	int count;
};

static void pending_task(struct tasklet_struct *t)
{
}

void pending_probe(struct pending *p)
{
	tasklet_setup(&p->task, pending_task);
}

void pending_kick(struct pending *p)
{
	if (!test_bit(TASKLET_STATE_SCHED, &p->task.state))
		tasklet_schedule(&p->task);
}
