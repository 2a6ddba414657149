// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/mutex.h>

struct led_classdev {
	void (*brightness_set)(struct led_classdev *led, int value);
	int (*brightness_set_blocking)(struct led_classdev *led, int value);
	int brightness;
};

static DEFINE_MUTEX(torch_mutex);

static void torch_set(struct led_classdev *led, int value)
{
	mutex_lock(&torch_mutex);
	led->brightness = value;
	mutex_unlock(&torch_mutex);
}

/* It would call what isn't set any more. */
int torch_probe(struct led_classdev *led)
{
	led->brightness_set = torch_set;
	led->brightness_set(led, 1);
	return 0;
}
