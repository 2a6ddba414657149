// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "heron.h"

static const struct heron_ops ops = {
	.task = heron_task,
};

int heron_probe(struct heron *heron)
{
	heron->ops = &ops;
	heron->tasklet = kzalloc(sizeof(struct tasklet_struct), GFP_KERNEL);
	if (!heron->tasklet)
		return -1;
	tasklet_setup(heron->tasklet, heron->ops->task);
	return 0;
}
