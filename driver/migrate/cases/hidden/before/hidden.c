// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct hidden {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void hidden_task(struct tasklet_struct *t)
{
}

void hidden_kick(struct hidden *p)
{
	tasklet_setup(&p->task, hidden_task);
#ifdef HIDDEN_TWICE
	tasklet_schedule(&p->task);
#endif
	tasklet_schedule(&p->task);
}
