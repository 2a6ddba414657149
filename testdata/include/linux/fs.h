/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_FS_H
#define BHLINT_STANDIN_FS_H

#include <linux/types.h>

struct inode;
struct module;

struct file {
	void *private_data;
};

typedef void *fl_owner_t;

struct file_operations {
	struct module *owner;
	ssize_t (*read)(struct file *file, char __user *buf, size_t count, loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t count, loff_t *pos);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file, fl_owner_t id);
	int (*release)(struct inode *inode, struct file *file);
};

#endif
