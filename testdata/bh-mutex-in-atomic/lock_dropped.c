// A lock that is dropped before the sleep and retaken after it, in the same function or in a callee that is entered with
// it held. What a callee drops is only what its caller took: a tasklet stays a tasklet.
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct queue {
	spinlock_t lock;
	spinlock_t stats_lock;
	struct mutex slow;
	struct tasklet_struct task;
	int pending;
	int sent;
};

void same_function_ok(struct queue *q)
{
	spin_lock(&q->lock);
	while (q->pending) {
		q->pending--;
		spin_unlock(&q->lock);
		mutex_lock(&q->slow);
		q->sent++;
		mutex_unlock(&q->slow);
		spin_lock(&q->lock);
	}
	spin_unlock(&q->lock);
}

void same_function_bad(struct queue *q)
{
	spin_lock(&q->lock);
	while (q->pending) {
		q->pending--;
		spin_unlock(&q->lock);
		q->sent++;
		spin_lock(&q->lock);
		mutex_lock(&q->slow); // expect: bh-mutex-in-atomic
		mutex_unlock(&q->slow);
	}
	spin_unlock(&q->lock);
}

void other_lock_dropped_bad(struct queue *q)
{
	spin_lock(&q->lock);
	spin_lock(&q->stats_lock);
	q->sent++;
	spin_unlock(&q->stats_lock);
	mutex_lock(&q->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&q->slow);
	spin_unlock(&q->lock);
}

void both_locks_dropped_ok(struct queue *q)
{
	spin_lock(&q->lock);
	spin_lock(&q->stats_lock);
	q->sent++;
	spin_unlock(&q->stats_lock);
	spin_unlock(&q->lock);
	mutex_lock(&q->slow);
	mutex_unlock(&q->slow);
}

/* Entered with q->lock held, which it drops around the slow part. */
static void flush_unlocked(struct queue *q)
{
	spin_unlock(&q->lock);
	mutex_lock(&q->slow);
	q->sent++;
	mutex_unlock(&q->slow);
	spin_lock(&q->lock);
}

void callee_drops_ok(struct queue *q)
{
	spin_lock(&q->lock);
	if (q->pending)
		flush_unlocked(q);
	spin_unlock(&q->lock);
}

/* Two levels down it is still the caller's lock. */
static void flush_if_pending(struct queue *q)
{
	if (q->pending)
		flush_unlocked(q);
}

void callee_of_callee_drops_ok(struct queue *q)
{
	spin_lock(&q->lock);
	flush_if_pending(q);
	spin_unlock(&q->lock);
}

/* The same shape, but the lock is back before the mutex is taken. */
static void flush_relocked(struct queue *q)
{
	spin_unlock(&q->lock);
	q->sent++;
	spin_lock(&q->lock);
	mutex_lock(&q->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&q->slow);
}

void callee_retakes_first_bad(struct queue *q)
{
	spin_lock(&q->lock);
	flush_relocked(q);
	spin_unlock(&q->lock);
}

/* Drops its caller's lock, but the tasklet that it runs in is not a lock. */
static void flush_in_task(struct queue *q)
{
	spin_unlock(&q->lock);
	mutex_lock(&q->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&q->slow);
	spin_lock(&q->lock);
}

static void task_drops_lock_bad(struct tasklet_struct *t)
{
	struct queue *q = from_tasklet(q, t, task);

	spin_lock(&q->lock);
	flush_in_task(q);
	spin_unlock(&q->lock);
}

/* Drops one of the two locks that its caller holds. */
static void flush_outer_held(struct queue *q)
{
	spin_unlock(&q->stats_lock);
	mutex_lock(&q->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&q->slow);
	spin_lock(&q->stats_lock);
}

void callee_drops_inner_only_bad(struct queue *q)
{
	spin_lock(&q->lock);
	spin_lock(&q->stats_lock);
	flush_outer_held(q);
	spin_unlock(&q->stats_lock);
	spin_unlock(&q->lock);
}

void queue_setup(struct queue *q)
{
	tasklet_setup(&q->task, task_drops_lock_bad);
}
