// Fields of a device that its handler uses under a lock, and others without.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct scale {
	spinlock_t lock;
	struct timer_list timer;
	struct work_struct work;
	int weight, tare, once, flags, ordered;
	int irq;
};

static struct scale *the_scale;

static irqreturn_t scale_irq_bad(int irq, void *data)
{
	struct scale *scale = data;

	spin_lock(&scale->lock);
	scale->weight |= 1;
	scale->tare = 1;
	spin_unlock(&scale->lock);
	WRITE_ONCE(scale->ordered, 1);
	scale->flags |= 1;
	return IRQ_HANDLED;
}

static ssize_t scale_read_ok(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	unsigned long flags;
	int weight;

	spin_lock_irqsave(&the_scale->lock, flags);
	weight = the_scale->weight;
	the_scale->weight = 0;
	the_scale->tare = 0;
	spin_unlock_irqrestore(&the_scale->lock, flags);
	return weight;
}

static ssize_t scale_write_bad(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	the_scale->weight |= 4; // expect: bh-unprotected-shared
	the_scale->ordered = 0;
	return 0;
}

static long scale_ioctl_bad(struct file *file, unsigned int cmd, unsigned long arg)
{
	the_scale->flags |= 2; // expect: bh-unprotected-shared
	return 0;
}

static void scale_clear(struct scale *scale)
{
	scale->tare = 0; /* all its callers hold the lock */
}

static void scale_work_ok(struct work_struct *work)
{
	struct scale *scale = container_of(work, struct scale, work);

	spin_lock_irq(&scale->lock);
	scale_clear(scale);
	spin_unlock_irq(&scale->lock);
}

static const struct file_operations scale_fops = {
	.read = scale_read_ok,
	.write = scale_write_bad,
	.unlocked_ioctl = scale_ioctl_bad,
};

int scale_setup_ok(struct scale *scale)
{
	the_scale = scale;
	spin_lock_init(&scale->lock);
	scale->weight = 0; /* no handler yet */
	INIT_WORK(&scale->work, scale_work_ok);
	return request_irq(scale->irq, scale_irq_bad, 0, "scale", scale);
}
