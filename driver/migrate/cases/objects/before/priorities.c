// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct priorities {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void priorities_task(struct tasklet_struct *t)
{
}

void priorities_kick(struct priorities *p)
{
	tasklet_setup(&p->task, priorities_task);
	tasklet_schedule(&p->task);
	tasklet_hi_schedule(&p->task);
}
