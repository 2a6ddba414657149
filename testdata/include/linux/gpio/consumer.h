/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_GPIO_CONSUMER_H
#define BHLINT_STANDIN_GPIO_CONSUMER_H

#include <linux/device.h>

struct gpio_desc;
struct gpio_desc *devm_gpiod_get(struct device *dev, const char *con_id, int flags);
int gpiod_get_value(const struct gpio_desc *desc);
int gpiod_get_value_cansleep(const struct gpio_desc *desc);
int gpiod_to_irq(const struct gpio_desc *desc);

#endif
