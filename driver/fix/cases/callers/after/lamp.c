// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/mutex.h>

struct led_classdev {
	void (*brightness_set)(struct led_classdev *led, int value);
	int (*brightness_set_blocking)(struct led_classdev *led, int value);
	int brightness;
};

struct lamp {
	struct led_classdev led;
	struct mutex mutex;
	int value;
};

static int lamp_set(struct led_classdev *led, int value);

static int lamp_set(struct led_classdev *led, int value)
{
	struct lamp *lamp = (struct lamp *)led;

	if (value == lamp->value)
		return 0;
	mutex_lock(&lamp->mutex);
	lamp->value = value;
	mutex_unlock(&lamp->mutex);

	return 0;
}

int lamp_probe(struct lamp *lamp)
{
	lamp->led.brightness_set_blocking = lamp_set;
	lamp_set(&lamp->led, 0);
	if (lamp->led.brightness_set)
		lamp->led.brightness_set(&lamp->led, 1);
	return 0;
}
