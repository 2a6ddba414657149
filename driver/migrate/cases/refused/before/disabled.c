// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct disabled {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void disabled_task(struct tasklet_struct *t)
{
}
static DECLARE_TASKLET_DISABLED(disabled_tasklet, disabled_task);

void disabled_start(void)
{
	tasklet_enable(&disabled_tasklet);
	tasklet_schedule(&disabled_tasklet);
}
