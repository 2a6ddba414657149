/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef HERON_H
#define HERON_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct tasklet_struct;
struct heron;

struct heron_ops {
	void (*task)(struct work_struct *t);
	int (*open)(struct heron *heron);
};

struct heron {
	const struct heron_ops *ops;
	struct work_struct *tasklet;
	bool isUp;
};

void heron_task(struct work_struct *t);
void heron_kick(struct heron *heron);

#endif
