// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "heron.h"

static const struct heron_ops ops = {
	.task = heron_task,
};

int heron_probe(struct heron *heron)
{
	heron->ops = &ops;
	heron->tasklet = kzalloc(sizeof(struct work_struct), GFP_KERNEL);
	if (!heron->tasklet)
		return -1;
	INIT_WORK(heron->tasklet, heron->ops->task);
	return 0;
}
