// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

struct knot_ring {
	int index;
	struct tasklet_struct task;
};

struct knot {
	struct knot_ring rings[4];
	struct tasklet_struct *spare;
	struct tasklet_struct first, second;
	int count;
};

/* Of the file. */
static struct tasklet_struct knot_tasklet;
static int runs;

static void knot_task(struct tasklet_struct *t)
{
	runs++;
}

/* Many, each in its own structure. */
static void knot_ring_task(struct tasklet_struct *t)
{
	struct knot_ring *ring = from_tasklet(ring, t, task);

	ring->index++;
}

/* Reached by a pointer, and called directly, too. */
static void knot_spare_task(struct tasklet_struct *t)
{
	runs--;
}

static void knot_old_task(unsigned long data)
{
	struct knot *knot = (struct knot *)data;

	knot->count++;
}

void knot_poll(struct knot *knot)
{
	knot_spare_task(knot->spare);
}

void knot_kick(struct knot *knot)
{
	int i;

	for (i = 0; i < 4; i++)
		tasklet_schedule(&knot->rings[i].task);
	tasklet_schedule(&knot_tasklet);
	tasklet_schedule(knot->spare);
	tasklet_hi_schedule(&knot->first);
	tasklet_hi_schedule(&knot->second);
}

int knot_probe(struct knot *knot)
{
	int i;

	knot->spare = kzalloc(sizeof(*knot->spare), GFP_KERNEL);
	if (!knot->spare)
		return -ENOMEM;
	for (i = 0; i < 4; i++)
		tasklet_setup(&knot->rings[i].task, knot_ring_task);
	tasklet_setup(&knot_tasklet, knot_task);
	tasklet_setup(knot->spare, knot_spare_task);
	tasklet_init(&knot->first, knot_old_task, (unsigned long)knot);
	tasklet_setup(&knot->second, knot_task);
	return 0;
}

void knot_remove(struct knot *knot)
{
	int i;

	for (i = 0; i < 4; i++)
		tasklet_kill(&knot->rings[i].task);
	tasklet_kill(&knot_tasklet);
	tasklet_kill(knot->spare);
	tasklet_kill(&knot->first);
	tasklet_kill(&knot->second);
	kfree(knot->spare);
}
