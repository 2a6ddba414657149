/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Kestrel: a USB data logger. Samples arrive in the completion of a bulk URB, which resubmits itself, and are read
 * through a character device.
 */
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/usb.h>

#define KESTREL_BUFFER 512

struct kestrel {
	struct usb_device *udev;
	struct urb *urb;
	struct mutex io;
	spinlock_t lock;
	unsigned int level;
	u8 samples[KESTREL_BUFFER];
	u8 transfer[KESTREL_BUFFER];
	struct miscdevice misc;
};

/* Runs in the host controller's interrupt or softirq. */
static void kestrel_complete(struct urb *urb)
{
	struct kestrel *k = urb->context;
	unsigned long flags;

	if (urb->status)
		return;
	spin_lock_irqsave(&k->lock, flags);
	k->level = min(urb->actual_length, (u32)KESTREL_BUFFER);
	memcpy(k->samples, k->transfer, k->level);
	spin_unlock_irqrestore(&k->lock, flags);
	if (usb_submit_urb(urb, GFP_ATOMIC))
		pr_err("kestrel: cannot go on\n");
}

static ssize_t kestrel_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct kestrel *k = file->private_data;
	ssize_t ret;

	spin_lock_irq(&k->lock);
	ret = min_t(size_t, count, k->level);
	if (copy_to_user(buf, k->samples, ret)) // expect: bh-uaccess-in-atomic
		ret = -EFAULT;
	k->level = 0;
	spin_unlock_irq(&k->lock);
	return ret;
}

/* A control transfer waits for the device; a mutex, not a spinlock, keeps others out meanwhile. */
static long kestrel_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct kestrel *k = file->private_data;
	int ret;

	mutex_lock(&k->io);
	ret = usb_control_msg(k->udev, 0, cmd, 0, arg, 0, NULL, 0, 1000);
	mutex_unlock(&k->io);
	return ret;
}

static const struct file_operations kestrel_fops = {
	.owner = THIS_MODULE,
	.read = kestrel_read,
	.unlocked_ioctl = kestrel_ioctl,
};

static int kestrel_probe(struct usb_interface *intf, const struct usb_device_id *id)
{
	struct kestrel *k = kzalloc(sizeof(*k), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!k)
		return ret;
	k->udev = intf->udev;
	mutex_init(&k->io);
	spin_lock_init(&k->lock);
	k->urb = usb_alloc_urb(0, GFP_KERNEL);
	if (!k->urb)
		goto free;
	usb_fill_bulk_urb(k->urb, k->udev, 1, k->transfer, KESTREL_BUFFER, kestrel_complete, k);
	ret = usb_submit_urb(k->urb, GFP_KERNEL);
	if (ret)
		goto free_urb;
	k->misc.name = "kestrel";
	k->misc.fops = &kestrel_fops;
	usb_set_intfdata(intf, k);
	ret = misc_register(&k->misc);
	if (!ret)
		return 0;
	usb_kill_urb(k->urb);
free_urb:
	usb_free_urb(k->urb);
free:
	kfree(k);
	return ret;
}

static void kestrel_disconnect(struct usb_interface *intf)
{
	struct kestrel *k = usb_get_intfdata(intf);

	misc_deregister(&k->misc);
	usb_kill_urb(k->urb);
	usb_free_urb(k->urb);
	kfree(k);
}

static const struct usb_device_id kestrel_ids[] = {
	{ .idVendor = 0x1209, .idProduct = 0x0001 },
	{ }
};

static struct usb_driver kestrel_driver = {
	.name = "kestrel",
	.probe = kestrel_probe,
	.disconnect = kestrel_disconnect,
	.id_table = kestrel_ids,
};
module_usb_driver(kestrel_driver);

MODULE_DESCRIPTION("Kestrel USB data logger");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
