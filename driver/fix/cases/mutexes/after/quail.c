// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct quail {
	struct mutex lock;
	int count;
	struct completion *done;
	struct work_struct work, other;
	struct timer_list timer;
};

static void quail_work(struct work_struct *work)
{
	struct quail *p = container_of(work, struct quail, work);

	mutex_lock(&p->lock);
	if (p->count)
		wait_for_completion(p->done);
	mutex_unlock(&p->lock);
}

static void quail_other(struct work_struct *work)
{
	struct quail *p = container_of(work, struct quail, other);

	if (!mutex_trylock(&p->lock))
		return;
	p->count++;
	mutex_unlock(&p->lock);
}

int quail_probe(struct quail *p)
{
	mutex_init(&p->lock);
	INIT_WORK(&p->work, quail_work);
	INIT_WORK(&p->other, quail_other);
	schedule_work(&p->work);
	schedule_work(&p->other);
	return 0;
}
