// Where the rule is not certain, and what it does not see.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

struct meter {
	spinlock_t lock;
	struct timer_list timer;
	int count, seen, state, irq;
};

static struct meter *the_meter;

static int meter_sample(struct meter *meter);

static void meter_timer(struct timer_list *timer)
{
	struct meter *meter = from_timer(meter, timer, timer);

	spin_lock(&meter->lock);
	meter->count = meter_sample(meter);
	spin_unlock(&meter->lock);
	meter->seen = 1;
	if (meter->state)
		mod_timer(&meter->timer, 10);
}

/* a constant may be what it begins with */
static int meter_reset(struct inode *inode, struct file *file)
{
	the_meter->count = 0; // expect: bh-unprotected-shared medium
	return 0;
}

static ssize_t meter_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	int count;

	spin_lock_bh(&the_meter->lock);
	count = the_meter->count;
	the_meter->count = 0;
	spin_unlock_bh(&the_meter->lock);
	return count;
}

/* the timer has come to its end */
static ssize_t meter_write(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	del_timer_sync(&the_meter->timer);
	the_meter->count = size; // expect: bh-unprotected-shared medium
	mod_timer(&the_meter->timer, 10);
	return 0;
}

/* Missed: no lock is this field's, and nothing says that it matters. */
static long fn_meter_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	the_meter->seen = 0;
	return 0;
}

/* Missed: neither a sum nor what goes into one is in the facts. */
static int fn_meter_open(struct inode *inode, struct file *file)
{
	the_meter->count++;
	return the_meter->count + 1;
}

static const struct file_operations meter_fops = {
	.read = meter_read,
	.write = meter_write,
	.unlocked_ioctl = fn_meter_ioctl,
	.open = fn_meter_open,
	.release = meter_reset,
};

void meter_setup(struct meter *meter)
{
	the_meter = meter;
	spin_lock_init(&meter->lock);
	timer_setup(&meter->timer, meter_timer, 0);
}
