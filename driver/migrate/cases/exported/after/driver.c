// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

/* As the kernel does it where symbols may be discarded: declared again, and its address kept. */
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(sym)						\
	extern typeof(sym) sym;						\
	static void *__addressable_##sym __maybe_unused = (void *)(unsigned long)&sym

struct osprey {
	struct work_struct task;
	struct work_struct poll;
	int count;
};

void osprey_task(struct work_struct *work);
void osprey_poll(struct work_struct *t);

void osprey_task(struct work_struct *work)
{
	struct osprey *osprey = from_work(osprey, work, task);

	osprey->count++;
}
EXPORT_SYMBOL_GPL(osprey_task);

void osprey_poll(struct work_struct *t)
{
	struct osprey *osprey = from_work(osprey, t, poll);

	osprey->count--;
}
EXPORT_SYMBOL_GPL(osprey_poll);

void osprey_probe(struct osprey *osprey)
{
	INIT_WORK(&osprey->task, osprey_task);
	INIT_WORK(&osprey->poll, osprey_poll);
	queue_work(system_bh_wq, &osprey->task);
	queue_work(system_bh_wq, &osprey->poll);
}
