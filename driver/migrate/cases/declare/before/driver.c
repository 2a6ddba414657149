// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

static int count;

static void wren_task(struct tasklet_struct *unused)
{
	count++;
}
static DECLARE_TASKLET(wren_tasklet, wren_task);

static void wren_old_task(unsigned long unused)
{
	count--;
}
static DECLARE_TASKLET_OLD(wren_old, wren_old_task);

void wren_kick(void)
{
	tasklet_schedule(&wren_tasklet);
	tasklet_schedule(&wren_old);
}

void wren_exit(void)
{
	tasklet_kill(&wren_tasklet);
	tasklet_kill(&wren_old);
}
