// Functions that are defined in a header: every unit has its own copy. What is wrong is reported where a .c file calls
// them, each such place on its own.
#include <linux/delay.h>
#include <linux/spinlock.h>

struct shared {
	spinlock_t lock;
	int done;
};

static inline void shared_wait(struct shared *s)
{
	while (!s->done)
		msleep(1);
}

static inline void shared_quick(struct shared *s)
{
	spin_lock(&s->lock);
	s->done = 0;
	spin_unlock(&s->lock);
}
