// Trylocks: what holds on each branch, and what may not even be tried.
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>

struct cache {
	spinlock_t lock;
	struct mutex slow;
	struct semaphore slots;
	struct tasklet_struct task;
	struct tasklet_struct polite;
	int hits;
};

void trylock_failed_ok(struct cache *c)
{
	if (!spin_trylock(&c->lock)) {
		mutex_lock(&c->slow);
		mutex_unlock(&c->slow);
		return;
	}
	c->hits++;
	spin_unlock(&c->lock);
}

void trylock_taken_bad(struct cache *c)
{
	if (spin_trylock(&c->lock)) {
		mutex_lock(&c->slow); // expect: bh-mutex-in-atomic
		mutex_unlock(&c->slow);
		spin_unlock(&c->lock);
	}
}

void trylock_result_in_local_ok(struct cache *c)
{
	int taken = spin_trylock(&c->lock);

	c->hits++;
	if (taken)
		spin_unlock(&c->lock);
	mutex_lock(&c->slow);
	mutex_unlock(&c->slow);
}

void trylock_result_in_local_bad(struct cache *c)
{
	int taken = spin_trylock(&c->lock);

	if (taken) {
		mutex_lock(&c->slow); // expect: bh-mutex-in-atomic
		mutex_unlock(&c->slow);
		spin_unlock(&c->lock);
	}
}

void trylock_irqsave_ok(struct cache *c)
{
	unsigned long flags;

	if (!spin_trylock_irqsave(&c->lock, flags)) {
		mutex_lock(&c->slow);
		mutex_unlock(&c->slow);
		return;
	}
	c->hits++;
	spin_unlock_irqrestore(&c->lock, flags);
}

void trylock_irqsave_bad(struct cache *c)
{
	unsigned long flags;

	if (spin_trylock_irqsave(&c->lock, flags)) {
		mutex_lock(&c->slow); // expect: bh-mutex-in-atomic
		mutex_unlock(&c->slow);
		spin_unlock_irqrestore(&c->lock, flags);
	}
}

void trylock_bh_bad(struct cache *c)
{
	if (!spin_trylock_bh(&c->lock))
		return;
	mutex_lock(&c->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&c->slow);
	spin_unlock_bh(&c->lock);
}

/* Either way the lock is held behind it: this is how lock statistics are taken. */
void trylock_else_lock_bad(struct cache *c)
{
	if (!spin_trylock(&c->lock)) {
		c->hits++;
		spin_lock(&c->lock);
	}
	mutex_lock(&c->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&c->slow);
	spin_unlock(&c->lock);
}

/* Trying a mutex never sleeps, so a spinlock around it is no bug. */
void mutex_trylock_under_spinlock_ok(struct cache *c)
{
	spin_lock(&c->lock);
	if (mutex_trylock(&c->slow)) {
		c->hits++;
		mutex_unlock(&c->slow);
	}
	spin_unlock(&c->lock);
}

/* In an interrupt it is: a mutex has an owner, and the owner would be whichever task was interrupted. */
static void mutex_trylock_task_bad(struct tasklet_struct *t)
{
	struct cache *c = from_tasklet(c, t, task);

	if (mutex_trylock(&c->slow)) { // expect: bh-mutex-in-atomic
		c->hits++;
		mutex_unlock(&c->slow);
	}
}

/* A semaphore has none: it may be tried, and given back, anywhere. */
static void down_trylock_task_ok(struct tasklet_struct *t)
{
	struct cache *c = from_tasklet(c, t, polite);

	if (down_trylock(&c->slots) == 0) {
		c->hits++;
		up(&c->slots);
	}
}

void cache_setup(struct cache *c)
{
	tasklet_setup(&c->task, mutex_trylock_task_bad);
	tasklet_setup(&c->polite, down_trylock_task_ok);
}
