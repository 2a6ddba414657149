// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define STORK_SETTLE_US (2 * 50)

struct stork {
	spinlock_t lock;
	void __iomem *base;
	int *table;
	int count;
};

int stork_tested(struct stork *stork)
{
	int *table;

	spin_lock(&stork->lock);
	table = kmalloc(sizeof(*table), GFP_ATOMIC);
	if (!table) {
		spin_unlock(&stork->lock);
		return -ENOMEM;
	}
	stork->table = table;
	spin_unlock(&stork->lock);
	return 0;
}

int stork_in_condition(struct stork *stork)
{
	int error = 0;

	spin_lock(&stork->lock);
	if (!(stork->table = kzalloc(16 * sizeof(int), GFP_ATOMIC)))
		error = -ENOMEM;
	spin_unlock(&stork->lock);
	return error;
}

void stork_used_untested(struct stork *stork)
{
	spin_lock(&stork->lock);
	stork->table = kmalloc(64, GFP_KERNEL);
	stork->table[0] = 1;
	spin_unlock(&stork->lock);
}

void stork_never_tested(struct stork *stork)
{
	spin_lock(&stork->lock);
	stork->table = kmalloc(64, GFP_KERNEL);
	spin_unlock(&stork->lock);
}

int stork_large(struct stork *stork)
{
	spin_lock(&stork->lock);
	stork->table = kmalloc(65536, GFP_KERNEL);
	spin_unlock(&stork->lock);
	return stork->table ? 0 : -ENOMEM;
}

int stork_variable(struct stork *stork)
{
	spin_lock(&stork->lock);
	stork->table = kmalloc_array(stork->count, sizeof(int), GFP_ATOMIC);
	spin_unlock(&stork->lock);
	return stork->table ? 0 : -ENOMEM;
}

void stork_waits(struct stork *stork)
{
	spin_lock(&stork->lock);
	udelay(STORK_SETTLE_US);
	mdelay(20);
	mdelay(3);
	spin_unlock(&stork->lock);
	msleep(100);
	spin_lock(&stork->lock);
	msleep(stork->count);
	spin_unlock(&stork->lock);
}

int stork_polls(struct stork *stork)
{
	u32 value;
	int error;

	spin_lock(&stork->lock);
	error = readl_poll_timeout_atomic(stork->base, value, value & 1, 10, 1000);
	if (!error)
		error = readl_poll_timeout(stork->base, value, value & 2, 10, 1000000);
	spin_unlock(&stork->lock);
	return error;
}
