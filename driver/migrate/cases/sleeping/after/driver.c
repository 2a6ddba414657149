// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct crow {
	struct mutex lock;
	struct work_struct task;
	int count;
};

static void crow_task(struct work_struct *t)
{
	struct crow *crow = from_work(crow, t, task);

	mutex_lock(&crow->lock);
	crow->count++;
	mutex_unlock(&crow->lock);
}

void crow_kick(struct crow *crow)
{
	schedule_work(&crow->task);
}

void crow_probe(struct crow *crow)
{
	INIT_WORK(&crow->task, crow_task);
}

void crow_remove(struct crow *crow)
{
	cancel_work_sync(&crow->task);
}
