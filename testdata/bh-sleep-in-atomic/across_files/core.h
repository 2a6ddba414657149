#include <linux/spinlock.h>

struct core {
	spinlock_t lock;
	int users;
};

void core_lock(struct core *c);
void core_unlock(struct core *c);
void core_power_down(struct core *c);
void core_power_save(struct core *c);
