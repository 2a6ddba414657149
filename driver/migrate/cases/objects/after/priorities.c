// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct priorities {
	struct work_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void priorities_task(struct work_struct *t)
{
}

void priorities_kick(struct priorities *p)
{
	INIT_WORK(&p->task, priorities_task);
	queue_work(system_bh_highpri_wq, &p->task);
	queue_work(system_bh_highpri_wq, &p->task);
}
