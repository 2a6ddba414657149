// Has a static function of the same name as second.c has, and one as the header has. Its own ones are harmless.
#include "shared.h"

static void finish(struct shared *s)
{
	s->done = 1;
}

void first_ok(struct shared *s)
{
	spin_lock(&s->lock);
	finish(s);
	spin_unlock(&s->lock);
}

void first_header_bad(struct shared *s)
{
	spin_lock(&s->lock);
	shared_wait(s); // expect: bh-sleep-in-atomic
	spin_unlock(&s->lock);
}
