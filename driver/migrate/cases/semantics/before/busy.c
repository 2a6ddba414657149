// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/module.h>

struct busy {
	struct tasklet_struct task;
	int count;
};

static void busy_task(struct tasklet_struct *t)
{
}

void busy_probe(struct busy *p)
{
	tasklet_setup(&p->task, busy_task);
}

void busy_stop(struct busy *p)
{
	tasklet_disable_in_atomic(&p->task);
	tasklet_enable(&p->task);
}
