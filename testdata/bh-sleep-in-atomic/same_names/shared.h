// Functions that are defined in a header: every unit has its own copy, and a finding in one is reported once.
#include <linux/delay.h>
#include <linux/spinlock.h>

struct shared {
	spinlock_t lock;
	int done;
};

static inline void shared_wait(struct shared *s)
{
	while (!s->done)
		msleep(1); // expect: bh-sleep-in-atomic
}

static inline void shared_quick(struct shared *s)
{
	spin_lock(&s->lock);
	s->done = 0;
	spin_unlock(&s->lock);
}
