// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/workqueue.h>

static int count;

static void wren_task(struct work_struct *unused)
{
	count++;
}
static DECLARE_WORK(wren_tasklet, wren_task);

static void wren_old_task(struct work_struct *work)
{
	count--;
}
static DECLARE_WORK(wren_old, wren_old_task);

void wren_kick(void)
{
	queue_work(system_bh_wq, &wren_tasklet);
	queue_work(system_bh_wq, &wren_old);
}

void wren_exit(void)
{
	cancel_work_sync(&wren_tasklet);
	cancel_work_sync(&wren_old);
}
