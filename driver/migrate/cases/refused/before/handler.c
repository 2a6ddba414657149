// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct handler {
	struct tasklet_struct task;
	spinlock_t lock;
	struct mutex mutex;
	int count;
};

void call_later(void (*function)(unsigned long data));

static void handler_task(unsigned long data)
{
	struct handler *p = (struct handler *)data;

	p->count++;
}

void handler_probe(struct handler *p)
{
	tasklet_init(&p->task, handler_task, (unsigned long)p);
	call_later(handler_task);
}
