// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>

struct crow {
	struct mutex lock;
	struct tasklet_struct task;
	int count;
};

static void crow_task(struct tasklet_struct *t)
{
	struct crow *crow = from_tasklet(crow, t, task);

	mutex_lock(&crow->lock);
	crow->count++;
	mutex_unlock(&crow->lock);
}

void crow_kick(struct crow *crow)
{
	tasklet_schedule(&crow->task);
}

void crow_probe(struct crow *crow)
{
	tasklet_setup(&crow->task, crow_task);
}

void crow_remove(struct crow *crow)
{
	tasklet_kill(&crow->task);
}
