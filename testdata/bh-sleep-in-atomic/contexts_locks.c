// What makes a task atomic: every kind of spinning lock, and interrupts, bottom halves or preemption switched off.
#include <linux/bit_spinlock.h>
#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/seqlock.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

struct state {
	spinlock_t lock;
	raw_spinlock_t raw;
	rwlock_t rwlock;
	seqlock_t seqlock;
	unsigned long bits;
	int value;
};

static DEFINE_PER_CPU(int, counter);

void spin_bad(struct state *s)
{
	spin_lock(&s->lock);
	msleep(1); // expect: bh-sleep-in-atomic
	spin_unlock(&s->lock);
}

void raw_spin_bad(struct state *s)
{
	raw_spin_lock(&s->raw);
	msleep(1); // expect: bh-sleep-in-atomic
	raw_spin_unlock(&s->raw);
}

void spin_irq_bad(struct state *s)
{
	spin_lock_irq(&s->lock);
	msleep(1); // expect: bh-sleep-in-atomic
	spin_unlock_irq(&s->lock);
}

void spin_bh_bad(struct state *s)
{
	spin_lock_bh(&s->lock);
	msleep(1); // expect: bh-sleep-in-atomic
	spin_unlock_bh(&s->lock);
}

void read_bad(struct state *s)
{
	read_lock(&s->rwlock);
	msleep(1); // expect: bh-sleep-in-atomic
	read_unlock(&s->rwlock);
}

void write_bad(struct state *s)
{
	unsigned long flags;

	write_lock_irqsave(&s->rwlock, flags);
	msleep(1); // expect: bh-sleep-in-atomic
	write_unlock_irqrestore(&s->rwlock, flags);
}

void bit_spin_bad(struct state *s)
{
	bit_spin_lock(0, &s->bits);
	msleep(1); // expect: bh-sleep-in-atomic
	bit_spin_unlock(0, &s->bits);
}

void bit_spin_ok(struct state *s)
{
	bit_spin_lock(0, &s->bits);
	s->value++;
	bit_spin_unlock(0, &s->bits);
	msleep(1);
}

void seqlock_writer_bad(struct state *s)
{
	write_seqlock(&s->seqlock);
	msleep(1); // expect: bh-sleep-in-atomic
	write_sequnlock(&s->seqlock);
}

/* A seqlock reader takes nothing. It may be preempted, and it may sleep between two attempts. */
int seqlock_reader_ok(struct state *s)
{
	unsigned int start;
	int value;

	do {
		start = read_seqbegin(&s->seqlock);
		value = s->value;
	} while (read_seqretry(&s->seqlock, start));
	msleep(1);
	return value;
}

void irqs_off_bad(struct state *s)
{
	local_irq_disable();
	msleep(1); // expect: bh-sleep-in-atomic
	local_irq_enable();
}

void irqs_saved_bad(struct state *s)
{
	unsigned long flags;

	local_irq_save(flags);
	msleep(1); // expect: bh-sleep-in-atomic
	local_irq_restore(flags);
}

void bottom_halves_off_bad(struct state *s)
{
	local_bh_disable();
	msleep(1); // expect: bh-sleep-in-atomic
	local_bh_enable();
}

void preemption_off_bad(struct state *s)
{
	preempt_disable();
	msleep(1); // expect: bh-sleep-in-atomic
	preempt_enable();
}

void get_cpu_bad(struct state *s)
{
	s->value = get_cpu();
	msleep(1); // expect: bh-sleep-in-atomic
	put_cpu();
}

void get_cpu_ok(struct state *s)
{
	s->value = get_cpu();
	put_cpu();
	msleep(1);
}

void get_cpu_ptr_bad(struct state *s)
{
	int *mine = get_cpu_ptr(&counter);

	msleep(*mine); // expect: bh-sleep-in-atomic
	put_cpu_ptr(&counter);
}

void migration_off_ok(struct state *s)
{
	migrate_disable();
	msleep(1);
	migrate_enable();
}

void rcu_bad(struct state *s)
{
	rcu_read_lock();
	msleep(1); // expect: bh-sleep-in-atomic
	rcu_read_unlock();
}

void rcu_bh_bad(struct state *s)
{
	rcu_read_lock_bh();
	msleep(1); // expect: bh-sleep-in-atomic
	rcu_read_unlock_bh();
}

void rcu_ok(struct state *s)
{
	rcu_read_lock();
	s->value++;
	rcu_read_unlock();
	msleep(1);
}

/* Two sections, one in the other: the inner end ends nothing. */
void nested_bad(struct state *s)
{
	preempt_disable();
	preempt_disable();
	s->value++;
	preempt_enable();
	msleep(1); // expect: bh-sleep-in-atomic
	preempt_enable();
}

void busy_waiting_ok(struct state *s)
{
	spin_lock(&s->lock);
	udelay(10);
	mdelay(1);
	spin_unlock(&s->lock);
}
