// module: gamma
// Has two tables. One object always has the quick one; the other always has the slow one.
#include "hub.h"

static void gamma_quick_ok(struct hub *h)
{
	udelay(10);
}

static void gamma_slow_bad(struct hub *h)
{
	msleep(10); // expect: bh-sleep-in-atomic
}

static void gamma_idle_ok(struct hub *h)
{
	msleep(10);
}

static const struct hub_ops gamma_quick_ops = {
	.power = gamma_quick_ok,
};

static const struct hub_ops gamma_slow_ops = {
	.power = gamma_slow_bad,
};

static const struct hub_ops gamma_idle_ops = {
	.power = gamma_idle_ok,
};

static struct hub quick_hub = { .ops = &gamma_quick_ops };
static struct hub slow_hub = { .ops = &gamma_slow_ops };
static struct hub idle_hub = { .ops = &gamma_idle_ops };

void gamma_quick_switch_ok(void)
{
	spin_lock(&quick_hub.lock);
	quick_hub.ops->power(&quick_hub);
	spin_unlock(&quick_hub.lock);
}

void gamma_slow_switch_bad(void)
{
	spin_lock(&slow_hub.lock);
	slow_hub.ops->power(&slow_hub);
	spin_unlock(&slow_hub.lock);
}

void gamma_idle_switch_ok(void)
{
	idle_hub.ops->power(&idle_hub);
}
