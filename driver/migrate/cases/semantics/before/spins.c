// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/interrupt.h>
#include <linux/module.h>

struct spins {
	struct tasklet_struct task;
	int count;
};

static void spins_task(struct tasklet_struct *t)
{
}

void spins_probe(struct spins *p)
{
	tasklet_setup(&p->task, spins_task);
}

void spins_stop(struct spins *p)
{
	tasklet_unlock_spin_wait(&p->task);
}
