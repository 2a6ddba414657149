// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct atomic {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void atomic_task(struct tasklet_struct *t)
{
}

void atomic_stop(struct atomic *p)
{
	spin_lock(&p->lock);
	tasklet_kill(&p->task);
	spin_unlock(&p->lock);
}

void atomic_probe(struct atomic *p)
{
	tasklet_setup(&p->task, atomic_task);
}
