// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct nested {
	struct tasklet_struct task;
	int count;
};

static void nested_task(struct tasklet_struct *t)
{
}

static void nested_clear(struct nested *p)
{
	tasklet_disable(&p->task);
	p->count = 0;
	tasklet_enable(&p->task);
}

void nested_reset(struct nested *p)
{
	tasklet_disable(&p->task);
	if (p->count)
		nested_clear(p);
	tasklet_enable(&p->task);
}

void nested_kick(struct nested *p)
{
	tasklet_schedule(&p->task);
}

void nested_probe(struct nested *p)
{
	tasklet_setup(&p->task, nested_task);
}
