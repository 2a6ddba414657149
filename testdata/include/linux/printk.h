/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_PRINTK_H
#define BHLINT_STANDIN_PRINTK_H

#include <linux/compiler.h>

__printf(1, 2) int _printk(const char *format, ...);
#define printk(format, ...) _printk(format, ##__VA_ARGS__)
#define pr_err(format, ...) printk(format, ##__VA_ARGS__)
#define pr_info(format, ...) printk(format, ##__VA_ARGS__)

#endif
