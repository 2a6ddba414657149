// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/module.h>

struct locks {
	struct tasklet_struct task;
	int count;
};

static void locks_task(struct tasklet_struct *t)
{
}

void locks_probe(struct locks *p)
{
	tasklet_setup(&p->task, locks_task);
}

void locks_run(struct locks *p)
{
	if (!tasklet_trylock(&p->task))
		return;
	p->count++;
	tasklet_unlock(&p->task);
}
