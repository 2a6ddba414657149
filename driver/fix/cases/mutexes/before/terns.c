// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

static DEFINE_SPINLOCK(terns);
static struct completion *tern_done;
static struct work_struct tern;

static void tern_work(struct work_struct *work)
{
	spin_lock(&terns);
	if (tern_done)
		wait_for_completion(tern_done);
	spin_unlock(&terns);
}

int tern_probe(void)
{
	INIT_WORK(&tern, tern_work);
	schedule_work(&tern);
	return 0;
}
