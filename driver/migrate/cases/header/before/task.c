// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include "heron.h"

static int runs;

void heron_task(struct tasklet_struct *t)
{
	runs++;
}

static void heron_again(struct tasklet_struct *tasklet)
{
	tasklet_schedule(tasklet);
}

void heron_kick(struct heron *heron)
{
	struct tasklet_struct *tasklet = heron->tasklet;

	if (tasklet)
		heron_again(tasklet);
}
