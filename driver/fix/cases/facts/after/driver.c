// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/module.h>
#include "heron.h"

/* How long it polls is what it is given, in all calls. */
static int heron_poll(struct heron *heron, unsigned int limit)
{
	unsigned int value;

	return readl_poll_timeout_atomic(heron->base, value, value & 1, 10, limit);
}

static void heron_pause(unsigned int length)
{
	udelay(length);
}

int heron_start(struct heron *heron)
{
	int error;

	spin_lock(&heron->lock);
	error = heron_poll(heron, 300);
	heron_pause(50);
	spin_unlock(&heron->lock);
	return error;
}

int heron_stop(struct heron *heron)
{
	int error;

	spin_lock(&heron->lock);
	error = heron_poll(heron, 2 * 250);
	spin_unlock(&heron->lock);
	return error;
}

/* One of them is not known. */
static int heron_wait(struct heron *heron, unsigned int limit)
{
	unsigned int value;

	return readl_poll_timeout(heron->base, value, value & 1, 10, limit);
}

int heron_wait_for(struct heron *heron, unsigned int limit)
{
	int error;

	spin_lock(&heron->lock);
	error = heron_wait(heron, 100) + heron_wait(heron, limit);
	spin_unlock(&heron->lock);
	return error;
}

/* It looks after a failure itself, as it has no result. */
void heron_tell(struct heron *heron)
{
	spin_lock(&heron->lock);
	heron->table = NULL;
	heron_notify(heron, GFP_ATOMIC);
	heron->table[0] = 1;
	spin_unlock(&heron->lock);
}

/* What it returns is nobody's. */
void heron_forget(struct heron *heron)
{
	spin_lock(&heron->lock);
	heron->table = NULL;
	heron_send(heron, GFP_KERNEL);
	heron->table[0] = 1;
	spin_unlock(&heron->lock);
}

/* The other branch sets the same variable. */
int heron_fill(struct heron *heron)
{
	int *table;

	if (heron->base) {
		spin_lock(&heron->lock);
		heron->table = NULL;
		table = kmalloc(8, GFP_ATOMIC);
		spin_unlock(&heron->lock);
	} else if (heron->table) {
		table = kmalloc(16, GFP_KERNEL);
	} else {
		table = kmalloc(32, GFP_KERNEL);
	}
	if (!table)
		return -ENOMEM;
	heron->table = table;
	return 0;
}
