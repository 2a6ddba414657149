// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct escapes {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

void escapes_to(void *pointer);

static void escapes_task(struct tasklet_struct *t)
{
}

void escapes_probe(struct escapes *p)
{
	tasklet_setup(&p->task, escapes_task);
	escapes_to(&p->task);
}
