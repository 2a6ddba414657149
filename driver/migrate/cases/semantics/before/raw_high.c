// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/module.h>

struct raw_high {
	struct tasklet_struct task;
	int count;
};

static void raw_high_task(struct tasklet_struct *t)
{
}

void raw_high_probe(struct raw_high *p)
{
	tasklet_setup(&p->task, raw_high_task);
}

void raw_high_kick(struct raw_high *p)
{
	__tasklet_hi_schedule(&p->task);
}
