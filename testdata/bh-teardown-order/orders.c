// Timers, work items and tasklets that start one another, stopped in either order.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct hoist {
	struct timer_list timer, polite, twice;
	struct work_struct work, good, told, again;
	struct tasklet_struct task;
	bool stopping;
	int irq;
};

static void hoist_work(struct work_struct *work)
{
}

static void hoist_task(struct tasklet_struct *task)
{
}

static void hoist_kick(struct hoist *hoist)
{
	schedule_work(&hoist->work);
}

static void hoist_timer_bad(struct timer_list *timer)
{
	struct hoist *hoist = from_timer(hoist, timer, timer);

	hoist_kick(hoist);
	schedule_work(&hoist->good);
}

static void hoist_polite_ok(struct timer_list *timer)
{
	struct hoist *hoist = from_timer(hoist, timer, polite);

	if (!hoist->stopping)
		schedule_work(&hoist->told);
}

static void hoist_twice_ok(struct timer_list *timer)
{
	schedule_work(&from_timer((struct hoist *)0, timer, twice)->again);
}

static irqreturn_t hoist_irq(int irq, void *data)
{
	struct hoist *hoist = data;

	tasklet_schedule(&hoist->task);
	return IRQ_HANDLED;
}

static int hoist_probe(struct platform_device *pdev)
{
	struct hoist *hoist = kzalloc(sizeof(*hoist), GFP_KERNEL);

	if (!hoist)
		return -ENOMEM;
	timer_setup(&hoist->timer, hoist_timer_bad, 0);
	timer_setup(&hoist->polite, hoist_polite_ok, 0);
	timer_setup(&hoist->twice, hoist_twice_ok, 0);
	INIT_WORK(&hoist->work, hoist_work);
	INIT_WORK(&hoist->good, hoist_work);
	INIT_WORK(&hoist->told, hoist_work);
	INIT_WORK(&hoist->again, hoist_work);
	tasklet_setup(&hoist->task, hoist_task);
	platform_set_drvdata(pdev, hoist);
	return request_irq(hoist->irq, hoist_irq, 0, "hoist", hoist);
}

static void hoist_remove_bad(struct platform_device *pdev)
{
	struct hoist *hoist = platform_get_drvdata(pdev);

	cancel_work_sync(&hoist->work); // expect: bh-teardown-order
	del_timer_sync(&hoist->timer);
	cancel_work_sync(&hoist->good);
	tasklet_kill(&hoist->task); // expect: bh-teardown-order medium
	free_irq(hoist->irq, hoist);
	hoist->stopping = true;
	cancel_work_sync(&hoist->told); /* the timer's function knows */
	del_timer_sync(&hoist->polite);
	cancel_work_sync(&hoist->again);
	del_timer_sync(&hoist->twice);
	cancel_work_sync(&hoist->again);
	kfree(hoist);
}

static struct platform_driver hoist_driver = {
	.probe = hoist_probe,
	.remove = hoist_remove_bad,
};
