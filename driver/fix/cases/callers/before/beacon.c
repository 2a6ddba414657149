// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/mutex.h>

struct led_classdev {
	void (*brightness_set)(struct led_classdev *led, int value);
	int (*brightness_set_blocking)(struct led_classdev *led, int value);
	int brightness;
};

static DEFINE_MUTEX(beacon_mutex);
extern void (*beacon_other)(struct led_classdev *led, int value);

static void beacon_set(struct led_classdev *led, int value)
{
	mutex_lock(&beacon_mutex);
	led->brightness = value;
	mutex_unlock(&beacon_mutex);
}

/* Somebody else has it, too, and wants none that returns something. */
int beacon_probe(struct led_classdev *led)
{
	led->brightness_set = beacon_set;
	beacon_other = beacon_set;
	return 0;
}
