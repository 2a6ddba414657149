// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct tern {
	struct tasklet_struct task;
	int count;
};

static void tern_task(struct tasklet_struct *t)
{
	struct tern *tern = from_tasklet(tern, t, task);

	tern->count++;
}

void tern_probe(struct tern *tern)
{
	tasklet_setup(&tern->task, tern_task);
	tasklet_disable_nosync(&tern->task);
}

void tern_open(struct tern *tern)
{
	tasklet_enable(&tern->task);
	tasklet_schedule(&tern->task);
}

void tern_stop(struct tern *tern)
{
	tasklet_disable(&tern->task);
}

struct terns {
	struct tern left, right;
};

/* Two objects, though of one member. */
void terns_reset(struct terns *terns)
{
	tasklet_disable(&terns->left.task);
	tasklet_disable(&terns->right.task);
	terns->left.count = 0;
	terns->right.count = 0;
	tasklet_enable(&terns->left.task);
	tasklet_enable(&terns->right.task);
}
