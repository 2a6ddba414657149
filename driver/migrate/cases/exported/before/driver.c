// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

/* As the kernel does it where symbols may be discarded: declared again, and its address kept. */
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(sym)						\
	extern typeof(sym) sym;						\
	static void *__addressable_##sym __maybe_unused = (void *)(unsigned long)&sym

struct osprey {
	struct tasklet_struct task;
	struct tasklet_struct poll;
	int count;
};

void osprey_task(unsigned long data);
void osprey_poll(struct tasklet_struct *t);

void osprey_task(unsigned long data)
{
	struct osprey *osprey = (struct osprey *)data;

	osprey->count++;
}
EXPORT_SYMBOL_GPL(osprey_task);

void osprey_poll(struct tasklet_struct *t)
{
	struct osprey *osprey = from_tasklet(osprey, t, poll);

	osprey->count--;
}
EXPORT_SYMBOL_GPL(osprey_poll);

void osprey_probe(struct osprey *osprey)
{
	tasklet_init(&osprey->task, osprey_task, (unsigned long)osprey);
	tasklet_setup(&osprey->poll, osprey_poll);
	tasklet_schedule(&osprey->task);
	tasklet_schedule(&osprey->poll);
}
