// Where the rule says nothing, though the order is wrong; and a circle that no order cuts.
#include <linux/kernel.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct crane {
	struct timer_list timer, ring;
	struct work_struct work, rung;
	void (*notify)(struct crane *crane);
};

static void crane_work(struct work_struct *work)
{
}

static void crane_rung_bad(struct work_struct *work)
{
	mod_timer(&container_of(work, struct crane, rung)->ring, 10);
}

static void crane_ring(struct timer_list *timer)
{
	schedule_work(&from_timer((struct crane *)0, timer, ring)->rung);
}

static void crane_notify(struct crane *crane)
{
	schedule_work(&crane->work);
}

static void fn_crane_timer(struct timer_list *timer)
{
	struct crane *crane = from_timer(crane, timer, timer);

	crane->notify(crane);
}

static int crane_probe(struct platform_device *pdev)
{
	struct crane *crane = kzalloc(sizeof(*crane), GFP_KERNEL);

	if (!crane)
		return -ENOMEM;
	crane->notify = crane_notify;
	timer_setup(&crane->timer, fn_crane_timer, 0);
	timer_setup(&crane->ring, crane_ring, 0);
	INIT_WORK(&crane->work, crane_work);
	INIT_WORK(&crane->rung, crane_rung_bad);
	platform_set_drvdata(pdev, crane);
	return 0;
}

static void fn_crane_remove(struct platform_device *pdev)
{
	struct crane *crane = platform_get_drvdata(pdev);

	cancel_work_sync(&crane->work); /* missed: the timer starts it through a pointer */
	del_timer_sync(&crane->timer);
	del_timer_sync(&crane->ring); // expect: bh-teardown-order
	cancel_work_sync(&crane->rung);
	kfree(crane);
}

static struct platform_driver crane_driver = {
	.probe = crane_probe,
	.remove = fn_crane_remove,
};
