// Everything that blocks like a mutex is reported by the same rule.
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>

struct unit {
	spinlock_t lock;
	struct mutex mutex;
	struct semaphore sem;
	struct rw_semaphore rwsem;
	struct completion done;
};

int mutex_interruptible_bad(struct unit *u)
{
	int ret;

	spin_lock(&u->lock);
	ret = mutex_lock_interruptible(&u->mutex); // expect: bh-mutex-in-atomic
	if (!ret)
		mutex_unlock(&u->mutex);
	spin_unlock(&u->lock);
	return ret;
}

void semaphore_bad(struct unit *u)
{
	spin_lock(&u->lock);
	down(&u->sem); // expect: bh-mutex-in-atomic
	up(&u->sem);
	spin_unlock(&u->lock);
}

void rwsem_bad(struct unit *u)
{
	spin_lock(&u->lock);
	down_read(&u->rwsem); // expect: bh-mutex-in-atomic
	up_read(&u->rwsem);
	down_write(&u->rwsem); // expect: bh-mutex-in-atomic
	up_write(&u->rwsem);
	spin_unlock(&u->lock);
}

void completion_bad(struct unit *u)
{
	spin_lock(&u->lock);
	wait_for_completion(&u->done); // expect: bh-mutex-in-atomic
	spin_unlock(&u->lock);
}

/* Giving back and signalling never sleep. */
void release_and_signal_ok(struct unit *u)
{
	mutex_lock(&u->mutex);
	down(&u->sem);
	down_read(&u->rwsem);
	spin_lock(&u->lock);
	complete(&u->done);
	up_read(&u->rwsem);
	up(&u->sem);
	if (try_wait_for_completion(&u->done))
		reinit_completion(&u->done);
	spin_unlock(&u->lock);
	mutex_unlock(&u->mutex);
	wait_for_completion(&u->done);
}
