/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_INPUT_H
#define BHLINT_STANDIN_INPUT_H

#include <linux/device.h>

struct input_dev {
	const char *name;
	struct device dev;
	int (*open)(struct input_dev *dev);
	void (*close)(struct input_dev *dev);
	int (*event)(struct input_dev *dev, unsigned int type, unsigned int code, int value);
};

struct input_dev *devm_input_allocate_device(struct device *dev);
int input_register_device(struct input_dev *dev);
void input_event(struct input_dev *dev, unsigned int type, unsigned int code, int value);

static inline void input_report_key(struct input_dev *dev, unsigned int code, int value)
{
	input_event(dev, 1, code, !!value);
}

static inline void input_sync(struct input_dev *dev)
{
	input_event(dev, 0, 0, 0);
}

#endif
