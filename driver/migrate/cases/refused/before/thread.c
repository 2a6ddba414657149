// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct thread {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

static void thread_task(struct tasklet_struct *t)
{
	struct thread *p = from_tasklet(p, t, task);

	mutex_lock(&p->mutex);
	spin_lock(&p->lock);
	p->count++;
	spin_unlock(&p->lock);
	mutex_unlock(&p->mutex);
}

void thread_probe(struct thread *p)
{
	tasklet_setup(&p->task, thread_task);
}
