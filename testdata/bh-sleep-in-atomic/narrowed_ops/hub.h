// One type of operations, implemented by several drivers.
#include <linux/delay.h>
#include <linux/spinlock.h>

struct hub;

struct hub_ops {
	void (*power)(struct hub *h);
};

struct hub {
	spinlock_t lock;
	const struct hub_ops *ops;
};
