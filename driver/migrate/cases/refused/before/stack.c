// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct stack {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void stack_task(struct tasklet_struct *t)
{
}

void stack_run(void)
{
	struct tasklet_struct task;

	tasklet_setup(&task, stack_task);
	tasklet_schedule(&task);
	tasklet_kill(&task);
}
