// Its finish() sleeps, and it calls it correctly; its other functions do not.
#include "shared.h"

static void finish(struct shared *s)
{
	msleep(1);
}

void second_ok(struct shared *s)
{
	finish(s);
	shared_wait(s);
	shared_quick(s);
}

static void complete_all(struct shared *s)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

void second_bad(struct shared *s)
{
	spin_lock(&s->lock);
	complete_all(s);
	spin_unlock(&s->lock);
}

void second_header_bad(struct shared *s)
{
	spin_lock(&s->lock);
	shared_wait(s); // expect: bh-sleep-in-atomic
	spin_unlock(&s->lock);
}

void second_header_again_bad(struct shared *s)
{
	spin_lock(&s->lock);
	s->done = 0;
	shared_wait(s); // expect: bh-sleep-in-atomic
	spin_unlock(&s->lock);
}
