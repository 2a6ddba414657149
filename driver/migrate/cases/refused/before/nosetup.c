// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct nosetup {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

void nosetup_kick(struct nosetup *p)
{
	tasklet_schedule(&p->task);
}
