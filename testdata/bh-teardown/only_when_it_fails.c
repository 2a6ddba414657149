// What is undone when probe fails, and only then; and control transfers.
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/usb.h>
#include <linux/workqueue.h>

struct weir {
	struct work_struct work;
	int level;
};

int weir_register(struct weir *weir);

static void weir_work_bad(struct work_struct *work)
{
	container_of(work, struct weir, work)->level++;
}

static irqreturn_t weir_irq_bad(int irq, void *data)
{
	struct weir *weir = data;

	schedule_work(&weir->work);
	return IRQ_HANDLED;
}

static void weir_undo(struct weir *weir)
{
	free_irq(7, weir);
	cancel_work_sync(&weir->work);
}

static int weir_probe(struct platform_device *pdev)
{
	struct weir *weir = kzalloc(sizeof(*weir), GFP_KERNEL);
	int err;

	if (!weir)
		return -ENOMEM;
	INIT_WORK(&weir->work, weir_work_bad);
	platform_set_drvdata(pdev, weir);
	err = request_irq(7, weir_irq_bad, 0, "weir", weir);
	if (err)
		goto free;
	err = weir_register(weir);
	if (err)
		goto undo;
	return 0;
undo:
	weir_undo(weir);
free:
	kfree(weir);
	return err;
}

static void weir_remove(struct platform_device *pdev) // expect: bh-teardown
{
	struct weir *weir = platform_get_drvdata(pdev);

	weir->level = 0;
	kfree(weir); // expect: bh-teardown
}

static struct platform_driver weir_driver = {
	.probe = weir_probe,
	.remove = weir_remove,
};
module_platform_driver(weir_driver);

struct buoy {
	struct usb_device *udev;
	struct urb *control, *bulk, *killed;
	int seen;
};

static void buoy_control_bad(struct urb *urb)
{
	struct buoy *buoy = urb->context;

	buoy->seen++;
}

static void buoy_bulk_ok(struct urb *urb)
{
	struct buoy *buoy = urb->context;

	buoy->seen++;
}

static void buoy_killed_ok(struct urb *urb)
{
	struct buoy *buoy = urb->context;

	buoy->seen++;
}

static int buoy_probe(struct usb_interface *intf, const struct usb_device_id *id)
{
	struct buoy *buoy = kzalloc(sizeof(*buoy), GFP_KERNEL);

	if (!buoy)
		return -ENOMEM;
	usb_fill_control_urb(buoy->control, buoy->udev, 0, NULL, NULL, 0, buoy_control_bad, buoy);
	usb_fill_control_urb(buoy->killed, buoy->udev, 0, NULL, NULL, 0, buoy_killed_ok, buoy);
	usb_fill_bulk_urb(buoy->bulk, buoy->udev, 0, NULL, 0, buoy_bulk_ok, buoy);
	usb_submit_urb(buoy->control, GFP_KERNEL);
	usb_submit_urb(buoy->killed, GFP_KERNEL);
	usb_submit_urb(buoy->bulk, GFP_KERNEL);
	usb_set_intfdata(intf, buoy);
	return 0;
}

static void buoy_disconnect(struct usb_interface *intf)
{
	struct buoy *buoy = usb_get_intfdata(intf);

	usb_kill_urb(buoy->killed);
	usb_free_urb(buoy->control);
	kfree(buoy); // expect: bh-teardown
}

struct usb_driver buoy_driver = {
	.name = "buoy",
	.probe = buoy_probe,
	.disconnect = buoy_disconnect,
};
