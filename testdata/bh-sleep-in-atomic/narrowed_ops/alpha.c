// module: alpha
// Calls its own operations under a lock. They are quick; that another driver's are not is none of its business.
#include "hub.h"

static void alpha_power_ok(struct hub *h)
{
	udelay(10);
}

static const struct hub_ops alpha_ops = {
	.power = alpha_power_ok,
};

void alpha_init(struct hub *h)
{
	h->ops = &alpha_ops;
}

void alpha_switch_ok(struct hub *h)
{
	spin_lock(&h->lock);
	h->ops->power(h);
	spin_unlock(&h->lock);
}
