// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct itself {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void itself_stop(struct itself *p)
{
	tasklet_kill(&p->task);
}

static void itself_task(struct tasklet_struct *t)
{
	struct itself *p = from_tasklet(p, t, task);

	if (p->count)
		itself_stop(p);
}

void itself_probe(struct itself *p)
{
	tasklet_setup(&p->task, itself_task);
}
