// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(terns);
static struct completion *tern_done;
static struct work_struct tern;

static void tern_work(struct work_struct *work)
{
	mutex_lock(&terns);
	if (tern_done)
		wait_for_completion(tern_done);
	mutex_unlock(&terns);
}

int tern_probe(void)
{
	INIT_WORK(&tern, tern_work);
	schedule_work(&tern);
	return 0;
}
