// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/usb.h>
#include <linux/workqueue.h>

struct swan {
	struct work_struct task;
	struct urb *urb;
	void *table;
};

/* It says so when it fails. */
static int swan_submit(struct swan *swan, gfp_t flags)
{
	int error = usb_submit_urb(swan->urb, flags);

	if (error)
		pr_err("swan: %d\n", error);
	return error;
}

/* It only hands it on. */
static int swan_hand_on(struct swan *swan, gfp_t flags)
{
	return usb_submit_urb(swan->urb, flags);
}

/* In one of two cases. */
static int swan_either(struct swan *swan, gfp_t flags)
{
	int error = usb_submit_urb(swan->urb, flags);

	if (error)
		pr_err("swan: %d\n", error);
	return usb_submit_urb(swan->urb, flags);
}

static void swan_task(struct work_struct *task)
{
	struct swan *swan = from_work(swan, task, task);

	usb_submit_urb(swan->urb, GFP_ATOMIC);
	swan_submit(swan, GFP_ATOMIC);
	swan_hand_on(swan, GFP_KERNEL);
	swan_either(swan, GFP_KERNEL);
}

void swan_probe(struct swan *swan)
{
	INIT_WORK(&swan->task, swan_task);
	schedule_work(&swan->task);
}
