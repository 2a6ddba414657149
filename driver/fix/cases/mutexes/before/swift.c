// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct swift {
	spinlock_t lock;
	int count;
	struct completion *done;
	struct work_struct work, other;
	struct timer_list timer;
};

static void swift_work(struct work_struct *work)
{
	struct swift *p = container_of(work, struct swift, work);

	spin_lock(&p->lock);
	if (p->count)
		wait_for_completion(p->done);
	spin_unlock(&p->lock);
}

void swift_count(struct swift *p)
{
	spin_lock(&p->lock);
	p->count++;
	spin_unlock(&p->lock);
}

static void swift_other(struct work_struct *work)
{
	struct swift *p = container_of(work, struct swift, other);

	p->count--;
}

int swift_probe(struct swift *p)
{
	spin_lock_init(&p->lock);
	INIT_WORK(&p->work, swift_work);
	INIT_WORK(&p->other, swift_other);
	schedule_work(&p->work);
	schedule_work(&p->other);
	return 0;
}
