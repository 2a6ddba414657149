// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct knot_ring {
	int index;
	struct work_struct task;
};

struct knot {
	struct knot_ring rings[4];
	struct work_struct *spare;
	struct work_struct first, second;
	int count;
};

/* Of the file. */
static struct work_struct knot_tasklet;
static int runs;

static void knot_task(struct work_struct *t)
{
	runs++;
}

/* Many, each in its own structure. */
static void knot_ring_task(struct work_struct *t)
{
	struct knot_ring *ring = from_work(ring, t, task);

	ring->index++;
}

/* Reached by a pointer, and called directly, too. */
static void knot_spare_task(struct work_struct *t)
{
	runs--;
}

static void knot_old_task(struct work_struct *work)
{
	struct knot *knot = from_work(knot, work, first);

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
		queue_work(system_bh_wq, &knot->rings[i].task);
	queue_work(system_bh_highpri_wq, &knot_tasklet);
	queue_work(system_bh_wq, knot->spare);
	queue_work(system_bh_highpri_wq, &knot->first);
	queue_work(system_bh_highpri_wq, &knot->second);
}

int knot_probe(struct knot *knot)
{
	int i;

	knot->spare = kzalloc(sizeof(*knot->spare), GFP_KERNEL);
	if (!knot->spare)
		return -ENOMEM;
	for (i = 0; i < 4; i++)
		INIT_WORK(&knot->rings[i].task, knot_ring_task);
	INIT_WORK(&knot_tasklet, knot_task);
	INIT_WORK(knot->spare, knot_spare_task);
	INIT_WORK(&knot->first, knot_old_task);
	INIT_WORK(&knot->second, knot_task);
	return 0;
}

void knot_remove(struct knot *knot)
{
	int i;

	for (i = 0; i < 4; i++)
		cancel_work_sync(&knot->rings[i].task);
	cancel_work_sync(&knot_tasklet);
	cancel_work_sync(knot->spare);
	cancel_work_sync(&knot->first);
	cancel_work_sync(&knot->second);
	kfree(knot->spare);
}
