// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct gull {
	spinlock_t lock;
	struct mutex mutex;
	struct work_struct work;
	struct gull *next;
	int *table;
	int count, total;
	int irq;
};

int gull_find(struct gull *gull);

/* The first thing that is done under the lock. */
void gull_first(struct gull *gull)
{
	unsigned long flags;

	cancel_work_sync(&gull->work); /* no more of it */
	spin_lock_irqsave(&gull->lock, flags);
	gull->count = 0;
	spin_unlock_irqrestore(&gull->lock, flags);
}

/* And the last. */
void gull_last(struct gull *gull, int irq)
{
	spin_lock(&gull->lock);
	gull->count = gull_find(gull);
	spin_unlock(&gull->lock);
	free_irq(irq, gull);
}

/* In between, where neither part knows of the other. */
void gull_between(struct gull *gull, struct mutex *mutex)
{
	spin_lock_bh(&gull->lock);
	gull->count = gull_find(gull);
	spin_unlock_bh(&gull->lock);
	cancel_work_sync(&gull->work);
	spin_lock_bh(&gull->lock);
	gull->total = gull_find(gull->next);
	spin_unlock_bh(&gull->lock);
}

/* It is done only where it was before, too. */
void gull_local(struct gull *gull)
{
	int total = 0;

	spin_lock(&gull->lock);
	if (gull->count) {
		spin_unlock(&gull->lock);
		return;
	}
	total += 1;
	spin_unlock(&gull->lock);
	cancel_work_sync(&gull->work);
	gull->total = total;
}

/* It is not known whether it may be done without the lock. */
void gull_kept(struct gull *gull, int irq)
{
	spin_lock(&gull->lock);
	free_irq(gull->irq, gull);
	spin_unlock(&gull->lock);
}

void gull_chosen(struct gull *gull, int irq)
{
	spin_lock(&gull->lock);
	irq = gull->irq;
	free_irq(irq, gull);
	spin_unlock(&gull->lock);
}

void gull_tested(struct gull *gull)
{
	spin_lock(&gull->lock);
	if (gull->count) {
		spin_unlock(&gull->lock);
		return;
	}
	cancel_work_sync(&gull->work);
	gull->count = 1;
	spin_unlock(&gull->lock);
}

/* What is stored between may be looked at by the work. */
void gull_common(struct gull *gull)
{
	spin_lock(&gull->lock);
	gull->count = gull_find(gull);
	cancel_work_sync(&gull->work);
	gull->total = gull->count;
	spin_unlock(&gull->lock);
}

static void gull_stop(struct gull *gull)
{
	cancel_work_sync(&gull->work);
}

/* What it calls does nothing but sleep. */
void gull_own(struct gull *gull)
{
	gull_stop(gull);
	spin_lock(&gull->lock);
	spin_unlock(&gull->lock);
}

void gull_inside(struct gull *gull)
{
	spin_lock(&gull->lock);
	if (gull->count)
		cancel_work_sync(&gull->work);
	spin_unlock(&gull->lock);
}

/* A label before the lock is given back: it stays in front of what goes there. */
void gull_leaves(struct gull *gull, int irq)
{
	free_irq(irq, gull);
	spin_lock(&gull->lock);
	if (gull->count)
		goto out;
	gull->count++;
out:
	spin_unlock(&gull->lock);
}

/* It is given back on the way out of an error. */
int gull_error(struct gull *gull, int *table, int irq)
{
	spin_lock(&gull->lock);
	if (gull->count) {
		spin_unlock(&gull->lock);
		free_irq(irq, table);
		return -1;
	}
	gull->table = table;
	spin_unlock(&gull->lock);
	return 0;
}

/* With the condition that decides it, which the lock has nothing to do with. */
void gull_decided(struct gull *gull, struct gull *other)
{
	spin_lock(&gull->lock);
	gull->count = 0;
	spin_unlock(&gull->lock);
	if (other->table)
		free_irq(other->irq, other);
}

/* Which the lock may protect. */
void gull_undecided(struct gull *gull, struct gull *other)
{
	spin_lock(&gull->lock);
	if (gull->count)
		free_irq(other->irq, other);
	spin_unlock(&gull->lock);
}
