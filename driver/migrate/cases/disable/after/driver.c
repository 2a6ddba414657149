// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

struct tern {
	struct work_struct task;
	int count;
};

static void tern_task(struct work_struct *t)
{
	struct tern *tern = from_work(tern, t, task);

	tern->count++;
}

void tern_probe(struct tern *tern)
{
	INIT_WORK(&tern->task, tern_task);
	disable_work(&tern->task);
}

void tern_open(struct tern *tern)
{
	enable_and_queue_work(system_bh_wq, &tern->task);
	queue_work(system_bh_wq, &tern->task);
}

void tern_stop(struct tern *tern)
{
	disable_work_sync(&tern->task);
}

struct terns {
	struct tern left, right;
};

/* Two objects, though of one member. */
void terns_reset(struct terns *terns)
{
	disable_work_sync(&terns->left.task);
	disable_work_sync(&terns->right.task);
	terns->left.count = 0;
	terns->right.count = 0;
	enable_and_queue_work(system_bh_wq, &terns->left.task);
	enable_and_queue_work(system_bh_wq, &terns->right.task);
}
