// Work items of a device, and of a module, that goes.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

struct ferry {
	struct device *dev;
	struct work_struct work, cancelled, flushed, idle, queued;
	struct delayed_work poll, stopped;
	struct workqueue_struct *queue;
	unsigned int count;
};

static void ferry_work_bad(struct work_struct *work)
{
	container_of(work, struct ferry, work)->count++;
}

static void ferry_cancelled_ok(struct work_struct *work)
{
	container_of(work, struct ferry, cancelled)->count++;
}

static void ferry_flushed_ok(struct work_struct *work)
{
	container_of(work, struct ferry, flushed)->count++;
}

static void ferry_idle_ok(struct work_struct *work)
{
	container_of(work, struct ferry, idle)->count++;
}

static void ferry_queued_ok(struct work_struct *work)
{
	container_of(work, struct ferry, queued)->count++;
}

static void ferry_poll_bad(struct work_struct *work)
{
	struct ferry *ferry = container_of(to_delayed_work(work), struct ferry, poll);

	schedule_delayed_work(&ferry->poll, 100);
}

static void ferry_stopped_bad(struct work_struct *work)
{
	container_of(to_delayed_work(work), struct ferry, stopped)->count++;
}

static void ferry_flush(struct work_struct *work)
{
	flush_work(work);
}

static int ferry_probe(struct platform_device *pdev)
{
	struct ferry *ferry = kzalloc(sizeof(*ferry), GFP_KERNEL);

	if (!ferry)
		return -ENOMEM;
	ferry->dev = &pdev->dev;
	INIT_WORK(&ferry->work, ferry_work_bad);
	INIT_WORK(&ferry->cancelled, ferry_cancelled_ok);
	INIT_WORK(&ferry->flushed, ferry_flushed_ok);
	INIT_WORK(&ferry->idle, ferry_idle_ok); // never started
	INIT_WORK(&ferry->queued, ferry_queued_ok);
	INIT_DELAYED_WORK(&ferry->poll, ferry_poll_bad);
	INIT_DELAYED_WORK(&ferry->stopped, ferry_stopped_bad);
	platform_set_drvdata(pdev, ferry);
	schedule_work(&ferry->work);
	schedule_work(&ferry->cancelled);
	schedule_work(&ferry->flushed);
	queue_work(ferry->queue, &ferry->queued); // waited for when the queue is destroyed
	schedule_delayed_work(&ferry->poll, 100);
	schedule_delayed_work(&ferry->stopped, 100);
	return 0;
}

static void ferry_free(struct ferry *ferry)
{
	ferry->count = 0;
	kfree(ferry); // expect: bh-teardown
}

static void ferry_remove(struct platform_device *pdev)
{
	struct ferry *ferry = platform_get_drvdata(pdev);

	cancel_work_sync(&ferry->cancelled);
	ferry_flush(&ferry->flushed);
	cancel_delayed_work(&ferry->stopped);
	ferry_free(ferry);
}

static struct platform_driver ferry_driver = {
	.probe = ferry_probe,
	.remove = ferry_remove,
};
module_platform_driver(ferry_driver);
