// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct stork {
	spinlock_t lock;
	int count;
	struct completion *done;
	struct work_struct work, other;
	struct timer_list timer;
};

static void stork_work(struct work_struct *work)
{
	struct stork *p = container_of(work, struct stork, work);

	spin_lock(&p->lock);
	if (p->count)
		wait_for_completion(p->done);
	spin_unlock(&p->lock);
}

static void stork_timer(struct timer_list *t)
{
	struct stork *p = container_of(t, struct stork, timer);

	spin_lock(&p->lock);
	p->count++;
	spin_unlock(&p->lock);
}

static void stork_other(struct work_struct *work)
{
	struct stork *p = container_of(work, struct stork, other);

	p->count--;
}

int stork_probe(struct stork *p)
{
	spin_lock_init(&p->lock);
	INIT_WORK(&p->work, stork_work);
	INIT_WORK(&p->other, stork_other);
	timer_setup(&p->timer, stork_timer, 0);
	schedule_work(&p->work);
	schedule_work(&p->other);
	return 0;
}
