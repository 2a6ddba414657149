// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/workqueue.h>
#include "heron.h"

static int runs;

void heron_task(struct work_struct *t)
{
	runs++;
}

static void heron_again(struct work_struct *tasklet)
{
	queue_work(system_bh_wq, tasklet);
}

void heron_kick(struct heron *heron)
{
	struct work_struct *tasklet = heron->tasklet;

	if (tasklet)
		heron_again(tasklet);
}
