// module: beta
// Its operations sleep, and it calls them without a lock.
#include "hub.h"

static void beta_power_ok(struct hub *h)
{
	msleep(10);
}

static const struct hub_ops beta_ops = {
	.power = beta_power_ok,
};

void beta_init(struct hub *h)
{
	h->ops = &beta_ops;
}

void beta_switch_ok(struct hub *h)
{
	h->ops->power(h);
}
