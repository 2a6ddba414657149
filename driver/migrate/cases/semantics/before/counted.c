// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/module.h>

struct counted {
	struct tasklet_struct task;
	int count;
};

static void counted_task(struct tasklet_struct *t)
{
}

void counted_probe(struct counted *p)
{
	tasklet_setup(&p->task, counted_task);
}

bool counted_is_off(struct counted *p)
{
	return atomic_read(&p->task.count);
}
