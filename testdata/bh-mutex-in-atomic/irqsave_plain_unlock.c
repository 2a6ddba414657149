// spin_lock_irqsave() that is left by a plain spin_unlock(): the lock is free, the interrupts are still off.
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct fifo {
	spinlock_t lock;
	struct mutex slow;
	int level;
};

void plain_unlock_bad(struct fifo *f)
{
	unsigned long flags;

	spin_lock_irqsave(&f->lock, flags);
	f->level++;
	spin_unlock(&f->lock);
	mutex_lock(&f->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&f->slow);
	local_irq_restore(flags);
}

void plain_unlock_then_restore_ok(struct fifo *f)
{
	unsigned long flags;

	spin_lock_irqsave(&f->lock, flags);
	f->level++;
	spin_unlock(&f->lock);
	local_irq_restore(flags);
	mutex_lock(&f->slow);
	mutex_unlock(&f->slow);
}

/* The lock is handed over: interrupts go off with one lock and on again with another. */
void handed_over_ok(struct fifo *from, struct fifo *to)
{
	unsigned long flags;

	spin_lock_irqsave(&from->lock, flags);
	spin_lock(&to->lock);
	to->level += from->level;
	spin_unlock(&from->lock);
	spin_unlock_irqrestore(&to->lock, flags);
	mutex_lock(&to->slow);
	mutex_unlock(&to->slow);
}

/* spin_lock_bh() left by a plain spin_unlock(): bottom halves stay off. */
void plain_unlock_of_bh_bad(struct fifo *f)
{
	spin_lock_bh(&f->lock);
	f->level++;
	spin_unlock(&f->lock);
	mutex_lock(&f->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&f->slow);
	local_bh_enable();
}

/* Interrupts are off before, so spin_unlock_irqrestore() gives back what it found: off. */
void nested_irqsave_bad(struct fifo *f)
{
	unsigned long flags;

	local_irq_disable();
	spin_lock_irqsave(&f->lock, flags);
	f->level++;
	spin_unlock_irqrestore(&f->lock, flags);
	mutex_lock(&f->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&f->slow);
	local_irq_enable();
}
