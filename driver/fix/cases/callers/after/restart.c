// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/delay.h>

struct watchdog_device;
struct watchdog_ops {
	int (*start)(struct watchdog_device *wdd);
	int (*restart)(struct watchdog_device *wdd, unsigned long action, void *data);
};

/* Nothing else runs any more. */
static int dove_restart(struct watchdog_device *wdd, unsigned long action, void *data)
{
	mdelay(150);
	return 0;
}

static int pigeon_restart(struct watchdog_device *wdd, unsigned long action, void *data)
{
	msleep(1500);
	return 0;
}

const struct watchdog_ops dove_ops = {
	.restart = dove_restart,
};
const struct watchdog_ops pigeon_ops = {
	.restart = pigeon_restart,
};
