// module: core
// What the other file calls: a lock wrapper, something that sleeps, something that drops the lock for it. A sleep in
// another module is reported where its function is called, since that is the module with the mistake.
#include "core.h"

#include <linux/delay.h>
#include <linux/module.h>

void core_lock(struct core *c)
{
	spin_lock(&c->lock);
}
EXPORT_SYMBOL_GPL(core_lock);

void core_unlock(struct core *c)
{
	spin_unlock(&c->lock);
}
EXPORT_SYMBOL_GPL(core_unlock);

void core_power_down(struct core *c)
{
	c->users = 0;
	msleep(20);
}
EXPORT_SYMBOL_GPL(core_power_down);

void core_power_save(struct core *c)
{
	spin_unlock(&c->lock);
	msleep(20);
	spin_lock(&c->lock);
}
EXPORT_SYMBOL_GPL(core_power_save);
