// What the rule does not see.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct batch {
	struct mutex lock;
	struct work_struct work;
	struct workqueue_struct *wq;
};

static struct batch *the_batch;

static void batch_work_ok(struct work_struct *work)
{
	struct batch *batch = container_of(work, struct batch, work);

	mutex_lock(&batch->lock);
	mutex_unlock(&batch->lock);
}

/* Missed: which items are on a queue is not known. */
static int fn_flushes_its_queue(struct file *file, fl_owner_t id)
{
	mutex_lock(&the_batch->lock);
	__flush_workqueue(the_batch->wq);
	mutex_unlock(&the_batch->lock);
	return 0;
}

/* Held on one path only, so nothing is said. */
static int fn_locks_sometimes(struct inode *inode, struct file *file)
{
	if (the_batch->wq)
		mutex_lock(&the_batch->lock);
	cancel_work_sync(&the_batch->work);
	if (the_batch->wq)
		mutex_unlock(&the_batch->lock);
	return 0;
}

static const struct file_operations batch_fops = {
	.flush = fn_flushes_its_queue,
	.release = fn_locks_sometimes,
};

void batch_setup(struct batch *batch)
{
	INIT_WORK(&batch->work, batch_work_ok);
	queue_work(batch->wq, &batch->work);
}
