// Access to user memory may fault, and a fault may sleep.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

struct log {
	spinlock_t lock;
	struct tasklet_struct task;
	char __user *target;
	char text[64];
	int length;
};

static ssize_t read_bad(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct log *l = file->private_data;
	ssize_t ret = 0;

	spin_lock(&l->lock);
	if (copy_to_user(buf, l->text, l->length)) // expect: bh-uaccess-in-atomic
		ret = -EFAULT;
	spin_unlock(&l->lock);
	return ret;
}

/* Copied while the lock is held, handed out when it is not. */
static ssize_t write_ok(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct log *l = file->private_data;
	char text[64];

	count = min(count, sizeof(text));
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	spin_lock(&l->lock);
	memcpy(l->text, text, count);
	l->length = count;
	spin_unlock(&l->lock);
	return count;
}

static long ioctl_bad(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct log *l = file->private_data;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&l->lock, flags);
	ret = put_user(l->length, (int __user *)arg); // expect: bh-uaccess-in-atomic
	spin_unlock_irqrestore(&l->lock, flags);
	return ret;
}

/* Through a callee that is right for its other caller. */
static int read_length(struct log *l, const void __user *from)
{
	return get_user(l->length, (const int __user *)from); // expect: bh-uaccess-in-atomic
}

int set_length_ok(struct log *l, const void __user *from)
{
	return read_length(l, from);
}

int set_length_bad(struct log *l, const void __user *from)
{
	int ret;

	rcu_read_lock();
	ret = read_length(l, from);
	rcu_read_unlock();
	return ret;
}

/* There is no user in a tasklet, and no sleep either. */
static void task_bad(struct tasklet_struct *t)
{
	struct log *l = from_tasklet(l, t, task);

	if (copy_to_user(l->target, l->text, l->length)) // expect: bh-uaccess-in-atomic
		l->length = 0;
}

/*
 * With page faults disabled, an access that would fault fails instead. The kernel has copy_from_user_inatomic() and
 * friends for this.
 */
int peek_ok(struct log *l, const void __user *from)
{
	int ret;

	spin_lock(&l->lock);
	pagefault_disable();
	ret = copy_from_user(l->text, from, 4) ? -EFAULT : 0;
	pagefault_enable();
	spin_unlock(&l->lock);
	return ret;
}

int peek_after_bad(struct log *l, const void __user *from)
{
	int ret;

	spin_lock(&l->lock);
	pagefault_disable();
	pagefault_enable();
	ret = copy_from_user(l->text, from, 4) ? -EFAULT : 0; // expect: bh-uaccess-in-atomic
	spin_unlock(&l->lock);
	return ret;
}

const struct file_operations log_fops = {
	.read = read_bad,
	.write = write_ok,
	.unlocked_ioctl = ioctl_bad,
};

void log_setup(struct log *l)
{
	tasklet_setup(&l->task, task_bad);
}
