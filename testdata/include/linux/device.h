/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_DEVICE_H
#define BHLINT_STANDIN_DEVICE_H

#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/types.h>

struct device {
	struct device *parent;
	void *driver_data;
};

void put_device(struct device *dev);

struct device_driver {
	const char *name;
	struct module *owner;
};

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp);

static inline void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return devm_kmalloc(dev, size, gfp | __GFP_ZERO);
}

__printf(2, 3) void _dev_err(const struct device *dev, const char *format, ...);
__printf(2, 3) void _dev_info(const struct device *dev, const char *format, ...);
#define dev_err(dev, format, ...) _dev_err(dev, format, ##__VA_ARGS__)
#define dev_info(dev, format, ...) _dev_info(dev, format, ##__VA_ARGS__)

struct device_attribute {
	const char *name;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *buf, size_t count);
};

int devm_add_action_or_reset(struct device *dev, void (*action)(void *data), void *data);

#endif
