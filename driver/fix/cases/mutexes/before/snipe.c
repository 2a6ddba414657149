// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct snipe {
	spinlock_t lock;
	int count;
	struct completion *done;
	struct work_struct work, other;
	struct timer_list timer;
};

static void snipe_work(struct work_struct *work)
{
	struct snipe *p = container_of(work, struct snipe, work);

	spin_lock(&p->lock);
	if (p->count)
		wait_for_completion(p->done);
	spin_unlock(&p->lock);
}

static void snipe_other(struct work_struct *work)
{
	struct snipe *p = container_of(work, struct snipe, other);

	unsigned long flags;

	spin_lock_irqsave(&p->lock, flags);
	p->count++;
	spin_unlock_irqrestore(&p->lock, flags);
}

int snipe_probe(struct snipe *p)
{
	spin_lock_init(&p->lock);
	INIT_WORK(&p->work, snipe_work);
	INIT_WORK(&p->other, snipe_other);
	schedule_work(&p->work);
	schedule_work(&p->other);
	return 0;
}
