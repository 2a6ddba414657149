// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct state {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void state_task(struct tasklet_struct *t)
{
}

void state_kick(struct state *p)
{
	if (!p->task.state)
		tasklet_schedule(&p->task);
}

void state_probe(struct state *p)
{
	tasklet_setup(&p->task, state_task);
}
