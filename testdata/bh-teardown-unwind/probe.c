// What is started before a step that fails.
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct crane {
	struct device *dev;
	struct work_struct work;
	struct timer_list timer;
	int load;
};

int crane_register(struct crane *crane);
int crane_connect(struct crane *crane);

static void crane_work_bad(struct work_struct *work)
{
	container_of(work, struct crane, work)->load++;
}

static void crane_timer_ok(struct timer_list *timer)
{
	struct crane *crane = container_of(timer, struct crane, timer);

	crane->load++;
}

static irqreturn_t crane_irq_bad(int irq, void *data)
{
	struct crane *crane = data;

	crane->load++;
	return IRQ_HANDLED;
}

static void crane_stop(struct crane *crane)
{
	timer_delete_sync(&crane->timer);
}

static int crane_probe(struct platform_device *pdev)
{
	struct crane *crane = kzalloc(sizeof(*crane), GFP_KERNEL);
	int err;

	if (!crane)
		return -ENOMEM;
	INIT_WORK(&crane->work, crane_work_bad);
	timer_setup(&crane->timer, crane_timer_ok, 0);
	err = crane_connect(crane);
	if (err)
		goto free; // nothing is started yet
	mod_timer(&crane->timer, 100);
	schedule_work(&crane->work);
	err = crane_register(crane);
	if (err)
		goto stop;
	platform_set_drvdata(pdev, crane);
	return 0;
stop:
	crane_stop(crane);
free:
	kfree(crane); // expect: bh-teardown-unwind
	return err;
}

static void crane_remove(struct platform_device *pdev)
{
	struct crane *crane = platform_get_drvdata(pdev);

	crane_stop(crane);
	cancel_work_sync(&crane->work);
	kfree(crane);
}

static struct platform_driver crane_driver = {
	.probe = crane_probe,
	.remove = crane_remove,
};
module_platform_driver(crane_driver);

/* the driver core frees what it manages, and the interrupt is not its own */
static int hoist_probe(struct platform_device *pdev)
{
	struct crane *crane = devm_kzalloc(&pdev->dev, sizeof(*crane), GFP_KERNEL);
	int err;

	if (!crane)
		return -ENOMEM;
	crane->dev = &pdev->dev;
	err = request_irq(7, crane_irq_bad, 0, "hoist", crane);
	if (err)
		return err;
	err = crane_register(crane);
	if (err)
		return err; // expect: bh-teardown-unwind
	return 0;
}

static void hoist_remove(struct platform_device *pdev)
{
	free_irq(7, platform_get_drvdata(pdev));
}

struct platform_driver hoist_driver = {
	.probe = hoist_probe,
	.remove = hoist_remove,
};

static irqreturn_t winch_irq_ok(int irq, void *data)
{
	struct crane *crane = data;

	crane->load++;
	return IRQ_HANDLED;
}

/* could not be requested, or is freed; whatever else the tests of `err` say, they agree */
static int winch_probe(struct platform_device *pdev)
{
	struct crane *crane = kzalloc(sizeof(*crane), GFP_KERNEL);
	int err;

	if (!crane)
		return -ENOMEM;
	err = request_irq(8, winch_irq_ok, 0, "winch", crane);
	if (!err) {
		err = crane_register(crane);
		if (err)
			free_irq(8, crane);
	}
	if (err)
		kfree(crane);
	return err;
}

static void winch_remove(struct platform_device *pdev)
{
	free_irq(8, platform_get_drvdata(pdev));
}

struct platform_driver winch_driver = {
	.probe = winch_probe,
	.remove = winch_remove,
};

static irqreturn_t jib_irq_ok(int irq, void *data)
{
	struct crane *crane = data;

	crane->load++;
	return IRQ_HANDLED;
}

static void jib_cancel(void *data)
{
	struct crane *crane = data;

	cancel_work_sync(&crane->work);
}

/* ended when what is not understood here says so, or by the driver core */
static int jib_probe(struct platform_device *pdev)
{
	struct crane *crane = devm_kzalloc(&pdev->dev, sizeof(*crane), GFP_KERNEL);
	int err;

	if (!crane)
		return -ENOMEM;
	err = devm_add_action_or_reset(&pdev->dev, jib_cancel, crane);
	if (err)
		return err;
	schedule_work(&crane->work);
	if (crane->load > 3) {
		err = request_irq(10, jib_irq_ok, 0, "jib", crane);
		if (err)
			return err;
	}
	err = crane_register(crane);
	if (err)
		goto free;
	return 0;
free:
	if (crane->load > 3)
		free_irq(10, crane);
	return err;
}

static void jib_remove(struct platform_device *pdev)
{
	free_irq(10, platform_get_drvdata(pdev));
}

struct platform_driver jib_driver = {
	.probe = jib_probe,
	.remove = jib_remove,
};

static irqreturn_t pulley_irq_bad(int irq, void *data)
{
	struct crane *crane = data;

	crane->load++;
	return IRQ_HANDLED;
}

static int pulley_start(struct crane *crane)
{
	return request_irq(9, pulley_irq_bad, 0, "pulley", crane);
}

static int pulley_probe(struct platform_device *pdev)
{
	struct crane *crane = kzalloc(sizeof(*crane), GFP_KERNEL);
	int err;

	if (!crane)
		return -ENOMEM;
	err = pulley_start(crane);
	if (err)
		goto free;
	err = crane_register(crane);
	if (err)
		goto free;
	return 0;
free:
	kfree(crane); // expect: bh-teardown-unwind
	return err;
}

static void pulley_remove(struct platform_device *pdev)
{
	free_irq(9, platform_get_drvdata(pdev));
}

struct platform_driver pulley_driver = {
	.probe = pulley_probe,
	.remove = pulley_remove,
};

static irqreturn_t gear_irq_ok(int irq, void *data)
{
	return IRQ_HANDLED;
}

/* only to see whether it comes */
static int gear_test(struct crane *crane)
{
	int err = request_irq(11, gear_irq_ok, 0, "gear", crane);

	if (err)
		return err;
	free_irq(11, crane);
	return 0;
}

static void gear_set(struct crane *crane, bool isOn)
{
	if (isOn)
		mod_timer(&crane->timer, 100);
}

/* 1: it is later */
static int gear_try(struct crane *crane)
{
	if (crane->load > 3)
		return 1;
	schedule_work(&crane->work);
	return 0;
}

static int gear_probe(struct platform_device *pdev)
{
	struct crane *crane = kzalloc(sizeof(*crane), GFP_KERNEL);
	int err;

	if (!crane)
		return -ENOMEM;
	err = gear_test(crane);
	if (err)
		goto free;
	gear_set(crane, false);
	err = gear_try(crane);
	if (err <= 0)
		return err;
	err = crane_register(crane);
	if (err)
		goto free;
	return 0;
free:
	kfree(crane);
	return err;
}

struct platform_driver gear_driver = {
	.probe = gear_probe,
};

static irqreturn_t shaft_irq(int irq, void *data)
{
	struct crane *crane = data;

	crane->load++;
	return IRQ_HANDLED;
}

static int shaft_start(struct crane *crane)
{
	return request_irq(9, shaft_irq, 0, "shaft", crane);
}

static int shaft_begin(struct crane *crane)
{
	return shaft_start(crane);
}

// What is started two calls away is not looked at.
static int fn_shaft_probe(struct platform_device *pdev)
{
	struct crane *crane = kzalloc(sizeof(*crane), GFP_KERNEL);
	int err;

	if (!crane)
		return -ENOMEM;
	err = shaft_begin(crane);
	if (err)
		goto free;
	err = crane_register(crane);
	if (err)
		goto free;
	return 0;
free:
	kfree(crane);
	return err;
}

static void shaft_remove(struct platform_device *pdev)
{
	free_irq(9, platform_get_drvdata(pdev));
}

struct platform_driver shaft_driver = {
	.probe = fn_shaft_probe,
	.remove = shaft_remove,
};
