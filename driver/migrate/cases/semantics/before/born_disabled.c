// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

static int runs;

static void born_task(unsigned long unused)
{
	runs++;
}
static DECLARE_TASKLET_DISABLED_OLD(born_tasklet, born_task);

void born_start(void)
{
	tasklet_enable(&born_tasklet);
	tasklet_schedule(&born_tasklet);
}
