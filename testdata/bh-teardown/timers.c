// Timers and tasklets of objects that the driver core frees, or that are the module's own.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct lock_gate {
	struct device *dev;
	struct timer_list timer, passing;
	struct tasklet_struct task, killed;
	struct work_struct own;
	int level;
};

static void gate_timer_bad(struct timer_list *timer)
{
	from_timer((struct lock_gate *)0, timer, timer)->level++;
}

static void gate_passing_bad(struct timer_list *timer)
{
	from_timer((struct lock_gate *)0, timer, passing)->level++;
}

static void gate_task_bad(struct tasklet_struct *task)
{
	container_of(task, struct lock_gate, task)->level++;
}

static void gate_killed_ok(struct tasklet_struct *task)
{
	container_of(task, struct lock_gate, killed)->level++;
}

// Has a reference of its own, and gives it up.
static void gate_own_ok(struct work_struct *work)
{
	put_device(container_of(work, struct lock_gate, own)->dev);
}

static int gate_probe(struct platform_device *pdev)
{
	struct lock_gate *gate = devm_kzalloc(&pdev->dev, sizeof(*gate), GFP_KERNEL);

	if (!gate)
		return -ENOMEM;
	gate->dev = &pdev->dev;
	timer_setup(&gate->timer, gate_timer_bad, 0);
	timer_setup(&gate->passing, gate_passing_bad, 0);
	tasklet_setup(&gate->task, gate_task_bad);
	tasklet_setup(&gate->killed, gate_killed_ok);
	INIT_WORK(&gate->own, gate_own_ok);
	mod_timer(&gate->timer, 10);
	mod_timer(&gate->passing, 10);
	tasklet_schedule(&gate->task);
	tasklet_schedule(&gate->killed);
	schedule_work(&gate->own);
	platform_set_drvdata(pdev, gate);
	return 0;
}

static void gate_remove(struct platform_device *pdev) // expect: bh-teardown
{
	struct lock_gate *gate = platform_get_drvdata(pdev);

	tasklet_kill(&gate->killed);
	del_timer(&gate->passing);
	gate->level = 0;
}

static struct platform_driver gate_driver = {
	.probe = gate_probe,
	.remove = gate_remove,
};

static void tide_work_bad(struct work_struct *work)
{
}

static void ebb_work_ok(struct work_struct *work)
{
}

static DECLARE_WORK(tide, tide_work_bad);
static DECLARE_WORK(ebb, ebb_work_ok);

static int __init gate_init(void)
{
	schedule_work(&tide);
	schedule_work(&ebb);
	return platform_driver_register(&gate_driver);
}
module_init(gate_init);

static void __exit gate_exit(void) // expect: bh-teardown
{
	cancel_work_sync(&ebb);
	platform_driver_unregister(&gate_driver);
}
module_exit(gate_exit);
