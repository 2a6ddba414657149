// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct waits {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void waits_task(struct tasklet_struct *t)
{
}

void waits_stop(struct waits *p)
{
	tasklet_setup(&p->task, waits_task);
	tasklet_unlock_wait(&p->task);
}
