// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define crow_lock(c) spin_lock(&(c)->lock)
#define crow_unlock(c) spin_unlock(&(c)->lock)

struct crow {
	spinlock_t lock;
	struct work_struct work;
	struct crow *next;
	int irq, other_irq, again;
	int count;
};

struct crow_ops {
	void (*destroy)(struct crow *crow);
};

int crow_find(struct crow *crow);
int crow_first_irq(void);

/* Also called behind the lock, so it doesn't count on that. */
static int crow_request(struct crow *crow, int irq)
{
	crow->count++;
	free_irq(irq, crow);
	return 0;
}

int crow_probe(struct crow *crow)
{
	int error;

	crow->irq = crow_first_irq();
	spin_lock_init(&crow->lock);
	spin_lock(&crow->lock);
	error = crow_find(crow);
	if (error) {
		spin_unlock(&crow->lock);
		return error;
	}

	spin_unlock(&crow->lock);
	error = crow_request(crow, crow->irq);
	if (error)
		return error;
	return crow_request(crow, crow->other_irq);
}

/* Called by a callback that takes no lock. */
static void crow_destroy(struct crow *crow, struct crow *child)
{
	cancel_work_sync(&child->work);
	kfree(child);
}

void crow_delete(struct crow *crow, struct crow *child)
{
	spin_lock(&crow->lock);
	crow->count = crow_find(child);
	spin_unlock(&crow->lock);
	crow_destroy(crow, child);
}

static void crow_destroy_all(struct crow *crow)
{
	crow_destroy(crow, crow->next);
}

const struct crow_ops crow_ops = {
	.destroy = crow_destroy_all,
};

/* It does nothing but sleep; the lock is taken by a macro. */
static void crow_stop(struct crow *crow)
{
	cancel_work_sync(&crow->work);
}

void crow_remove(struct crow *crow)
{
	crow_lock(crow);
	crow->count = crow_find(crow);
	crow_unlock(crow);
	crow_stop(crow);
}

/* What it does besides may need the lock. */
static void crow_halt(struct crow *crow)
{
	crow->count = 0;
	cancel_work_sync(&crow->work);
}

void crow_suspend(struct crow *crow)
{
	spin_lock(&crow->lock);
	crow_halt(crow);
	spin_unlock(&crow->lock);
}

/* It gives the lock back itself, sometimes. */
static void crow_yield(struct crow *crow)
{
	if (crow->next) {
		spin_unlock(&crow->lock);
		spin_lock(&crow->lock);
	}
	cancel_work_sync(&crow->work);
}

void crow_resume(struct crow *crow)
{
	spin_lock(&crow->lock);
	crow_yield(crow);
	spin_unlock(&crow->lock);
	crow_yield(crow);
}

/* What it is given is set in two places. */
static int crow_renew(struct crow *crow, int irq)
{
	free_irq(irq, crow);
	return 0;
}

void crow_reset(struct crow *crow)
{
	crow->again = crow_first_irq();
	spin_lock(&crow->lock);
	crow_renew(crow, crow->again);
	spin_unlock(&crow->lock);
	crow_renew(crow, 0);
}

void crow_change(struct crow *crow, int irq)
{
	spin_lock(&crow->lock);
	crow->again = irq;
	spin_unlock(&crow->lock);
}
