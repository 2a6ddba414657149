// module: user
#include "core.h"

#include <linux/delay.h>

void user_stop_bad(struct core *c)
{
	core_lock(c);
	c->users--;
	core_power_down(c); // expect: bh-sleep-in-atomic
	core_unlock(c);
}

void user_stop_ok(struct core *c)
{
	core_lock(c);
	c->users--;
	core_unlock(c);
	core_power_down(c);
}

void user_save_ok(struct core *c)
{
	core_lock(c);
	core_power_save(c);
	core_unlock(c);
}

void user_sleep_bad(struct core *c)
{
	core_lock(c);
	msleep(1); // expect: bh-sleep-in-atomic
	core_unlock(c);
}
