// Work items: cancelled from themselves, or under a lock that they take.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

struct scan {
	struct mutex lock, list;
	struct work_struct work, other, stop;
	struct delayed_work retry;
	bool running;
};

static struct scan *the_scan;

static void scan_fill(struct scan *scan)
{
	mutex_lock(&scan->lock);
	scan->running = true;
	mutex_unlock(&scan->lock);
}

static void scan_work_bad(struct work_struct *work)
{
	scan_fill(container_of(work, struct scan, work));
}

static void scan_other_ok(struct work_struct *work)
{
	struct scan *scan = container_of(work, struct scan, other);

	if (mutex_trylock(&scan->lock))
		mutex_unlock(&scan->lock);
}

static void scan_retry_bad(struct work_struct *work)
{
	struct scan *scan = container_of(to_delayed_work(work), struct scan, retry);

	guard(mutex)(&scan->list);
	scan->running = true;
}

static void scan_stop_bad(struct work_struct *work)
{
	struct scan *scan = container_of(work, struct scan, stop);

	cancel_work_sync(&scan->stop); // expect: bh-flush-deadlock
}

static void scan_halt(struct scan *scan)
{
	cancel_work_sync(&scan->work); // expect: bh-flush-deadlock
}

static int scan_flush_bad(struct file *file, fl_owner_t id)
{
	mutex_lock(&the_scan->lock);
	scan_halt(the_scan);
	mutex_unlock(&the_scan->lock);
	guard(mutex)(&the_scan->list);
	cancel_delayed_work_sync(&the_scan->retry); // expect: bh-flush-deadlock
	return 0;
}

static int scan_release_ok(struct inode *inode, struct file *file)
{
	mutex_lock(&the_scan->lock);
	cancel_work_sync(&the_scan->other); /* it only tries to take the lock */
	cancel_work(&the_scan->work); /* does not wait */
	cancel_delayed_work_sync(&the_scan->retry); /* takes another lock */
	mutex_unlock(&the_scan->lock);
	cancel_work_sync(&the_scan->work);
	if (mutex_lock_interruptible(&the_scan->lock)) {
		cancel_work_sync(&the_scan->work); /* the lock was not taken */
		return -1;
	}
	mutex_unlock(&the_scan->lock);
	scoped_guard(mutex, &the_scan->lock)
		the_scan->running = false;
	cancel_work_sync(&the_scan->work); /* the guard has gone */
	return 0;
}

static const struct file_operations scan_fops = {
	.flush = scan_flush_bad,
	.release = scan_release_ok,
};

void scan_setup(struct scan *scan)
{
	INIT_WORK(&scan->work, scan_work_bad);
	INIT_WORK(&scan->other, scan_other_ok);
	INIT_WORK(&scan->stop, scan_stop_bad);
	INIT_DELAYED_WORK(&scan->retry, scan_retry_bad);
}
