// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#define SWIFT_TRIES 8
#define SWIFT_RESET(swift)			\
	do {					\
		swift_write(swift, 0);		\
		msleep(2);			\
	} while (0)

struct swift {
	struct list_head list;
	spinlock_t lock;
	void __iomem *base;
	int ready;
};

void swift_write(struct swift *swift, int value);

/* Short in all. */
void swift_counted(struct swift *swift)
{
	int i, tries = 10, left = SWIFT_TRIES;

	spin_lock(&swift->lock);
	for (i = 0; i < SWIFT_TRIES; i++)
		mdelay(1);
	for (i = 4; i >= 0 && !swift->ready; i--) {
		swift_write(swift, i);
		mdelay(2);
	}
	while (tries--) {
		if (swift->ready)
			break;
		else
			udelay(10);
	}
	do {
		udelay(20);
	} while (!swift->ready && --left > 0);
	for (i = 0; i < SWIFT_TRIES; i++)
		swift_write(swift, i);
	SWIFT_RESET(swift);
	mdelay(3);
	spin_unlock(&swift->lock);
}

/* Too long in all. */
void swift_long(struct swift *swift)
{
	int i, j;

	spin_lock(&swift->lock);
	for (i = 0; i < 100; i++)
		msleep(1);
	for (i = 0; i < SWIFT_TRIES; i++)
		for (j = 0; j < SWIFT_TRIES; j++)
			if (!swift->ready)
				msleep(1);
	spin_unlock(&swift->lock);
}

/* Of no known length. */
void swift_endless(struct swift *swift, int tries)
{
	spin_lock(&swift->lock);
	while (!swift->ready)
		msleep(1);
	spin_unlock(&swift->lock);
}

void swift_until(struct swift *swift, int tries)
{
	spin_lock(&swift->lock);
	do {
		msleep(1);
	} while (swift->ready);
	spin_unlock(&swift->lock);
}

void swift_breaks(struct swift *swift, int tries)
{
	spin_lock(&swift->lock);
	for (;;) {
		if (swift->ready)
			break;
		msleep(1);
	}
	spin_unlock(&swift->lock);
}

void swift_given(struct swift *swift, int tries)
{
	int i;

	spin_lock(&swift->lock);
	for (i = 0; i < tries; i++)
		msleep(1);
	spin_unlock(&swift->lock);
}

void swift_begins_again(struct swift *swift, int tries)
{
	int i;

	spin_lock(&swift->lock);
	for (i = 0; i < 4; i++) {
		if (swift->ready)
			i = 0;
		msleep(1);
	}
	spin_unlock(&swift->lock);
}

void swift_set_again(struct swift *swift, int tries)
{
	int n = 5;

	spin_lock(&swift->lock);
	while (n--) {
		if (swift->ready)
			n = 3;
		msleep(1);
	}
	spin_unlock(&swift->lock);
}

void swift_listed(struct swift *swift, int tries)
{
	struct swift *other;

	spin_lock(&swift->lock);
	list_for_each_entry(other, &swift->list, list)
		msleep(1);
	spin_unlock(&swift->lock);
}

void swift_jumps(struct swift *swift, int tries)
{
	spin_lock(&swift->lock);
again:
	msleep(1);
	if (!swift->ready)
		goto again;
	spin_unlock(&swift->lock);
}

void swift_otherwise(struct swift *swift, int tries)
{
	spin_lock(&swift->lock);
	while (!swift->ready)
		if (tries)
			swift_write(swift, 1);
		else
			msleep(1);
	spin_unlock(&swift->lock);
}

int swift_polls(struct swift *swift)
{
	u32 value;
	int i, error = 0;

	spin_lock(&swift->lock);
	for (i = 0; i < 4; i++)
		error |= readl_poll_timeout_atomic(swift->base, value, value & 1, 10, 1000);
	for (i = 0; i < 40; i++)
		error |= readl_poll_timeout(swift->base, value, value & 1, 10, 1000);
	spin_unlock(&swift->lock);
	return error;
}

/* Left as soon as it is ready: only what is broken takes all of it. */
int swift_waits(struct swift *swift)
{
	int i;

	spin_lock(&swift->lock);
	for (i = 0; i < 500; i++) {
		if (swift->ready)
			break;
		mdelay(2);
	}
	for (i = 0; i < 5000; i++) {
		if (swift->ready)
			break;
		msleep(2);
	}
	for (i = 0; i < 50; i++) {
		if (swift->ready)
			break;
		msleep(30);
	}
	for (i = 0; i < 500; i++) {
		swift_write(swift, i);
		msleep(2);
	}
	spin_unlock(&swift->lock);
	return 0;
}
