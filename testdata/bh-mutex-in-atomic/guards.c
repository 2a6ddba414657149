// guard(), scoped_guard() and __free(): the lock ends where the scope ends.
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct store {
	spinlock_t lock;
	struct mutex slow;
	int value;
	int stale;
};

int guard_bad(struct store *s)
{
	guard(spinlock)(&s->lock);
	mutex_lock(&s->slow); // expect: bh-mutex-in-atomic
	s->value++;
	mutex_unlock(&s->slow);
	return s->value;
}

int guard_in_block_ok(struct store *s)
{
	{
		guard(spinlock)(&s->lock);
		s->value++;
	}
	mutex_lock(&s->slow);
	mutex_unlock(&s->slow);
	return s->value;
}

int guard_early_return_ok(struct store *s)
{
	if (s->stale) {
		guard(spinlock_irqsave)(&s->lock);
		return s->value;
	}
	mutex_lock(&s->slow);
	mutex_unlock(&s->slow);
	return 0;
}

void scoped_guard_ok(struct store *s)
{
	scoped_guard(spinlock, &s->lock)
		s->value++;
	mutex_lock(&s->slow);
	mutex_unlock(&s->slow);
}

void scoped_guard_bad(struct store *s)
{
	scoped_guard(spinlock_irqsave, &s->lock) {
		mutex_lock(&s->slow); // expect: bh-mutex-in-atomic
		mutex_unlock(&s->slow);
	}
}

int scoped_guard_left_early_ok(struct store *s)
{
	scoped_guard(spinlock, &s->lock) {
		if (s->stale)
			break;
		if (s->value)
			return s->value;
	}
	mutex_lock(&s->slow);
	mutex_unlock(&s->slow);
	return 0;
}

void mutex_guard_under_spinlock_bad(struct store *s)
{
	spin_lock(&s->lock);
	scoped_guard(mutex, &s->slow) // expect: bh-mutex-in-atomic
		s->value++;
	spin_unlock(&s->lock);
}

void spinlock_under_mutex_guard_ok(struct store *s)
{
	guard(mutex)(&s->slow);
	spin_lock(&s->lock);
	s->value++;
	spin_unlock(&s->lock);
}

void mutex_guard_after_spinlock_guard_bad(struct store *s)
{
	guard(spinlock_bh)(&s->lock);
	guard(mutex)(&s->slow); // expect: bh-mutex-in-atomic
	s->value++;
}

/* The try form of a mutex guard never sleeps. */
int mutex_try_guard_under_spinlock_ok(struct store *s)
{
	guard(spinlock)(&s->lock);
	scoped_cond_guard(mutex_try, return -EBUSY, &s->slow)
		s->value++;
	return 0;
}

void rcu_guard_bad(struct store *s)
{
	guard(rcu)();
	mutex_lock(&s->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&s->slow);
}

/* The buffer is freed at the end, the lock is not held there, and kfree() does not sleep anyway. */
int free_at_scope_end_ok(struct store *s)
{
	char *copy __free(kfree) = kmalloc(16, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	scoped_guard(spinlock, &s->lock)
		copy[0] = s->value;
	mutex_lock(&s->slow);
	mutex_unlock(&s->slow);
	return copy[0];
}

static void drop_slowly(struct mutex *slow)
{
	mutex_lock(slow); // expect: bh-mutex-in-atomic
	mutex_unlock(slow);
}

DEFINE_FREE(drop, struct mutex *, if (_T) drop_slowly(_T))

/* Cleanups run in reverse order: the mutex is taken while the spinlock of the outer scope is still held. */
void cleanup_sleeps_under_guard_bad(struct store *s)
{
	guard(spinlock)(&s->lock);
	struct mutex *slow __free(drop) = &s->slow;

	s->stale = slow != NULL;
}

static void drop_slowly_later(struct mutex *slow)
{
	mutex_lock(slow);
	mutex_unlock(slow);
}

DEFINE_FREE(drop_later, struct mutex *, if (_T) drop_slowly_later(_T))

/* Declared before the guard, so it is cleaned up after the lock is gone. */
void cleanup_sleeps_after_guard_ok(struct store *s)
{
	struct mutex *slow __free(drop_later) = &s->slow;
	guard(spinlock)(&s->lock);

	s->stale = slow != NULL;
}
