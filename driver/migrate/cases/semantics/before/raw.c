// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/module.h>

struct raw {
	struct tasklet_struct task;
	int count;
};

static void raw_task(struct tasklet_struct *t)
{
}

void raw_probe(struct raw *p)
{
	tasklet_setup(&p->task, raw_task);
}

void raw_kick(struct raw *p)
{
	__tasklet_schedule(&p->task);
}
