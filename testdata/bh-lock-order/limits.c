// What keeps two orders apart, what is not certain, and what is not seen.
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct tank {
	spinlock_t gate, a, b, c, d, e;
	struct timer_list timer, slow;
	struct work_struct work;
	int flags;
};

static struct tank *the_tank;

static void tank_timer(struct timer_list *timer)
{
	struct tank *tank = from_timer(tank, timer, timer);

	spin_lock(&tank->gate); /* both hold it, so that only one of them comes so far */
	spin_lock(&tank->a);
	spin_lock(&tank->b);
	spin_unlock(&tank->b);
	spin_unlock(&tank->a);
	spin_unlock(&tank->gate);
}

static void tank_late(struct tank *tank)
{
	if (tank->flags & 1) {
		spin_lock(&tank->d);
		if (tank->flags & 2) {
			spin_lock(&tank->c); // expect: bh-lock-order medium
			spin_unlock(&tank->c);
		}
		spin_unlock(&tank->d);
	}
}

static void tank_slow(struct timer_list *timer)
{
	struct tank *tank = from_timer(tank, timer, slow);

	if (tank->flags & 4)
		tank_late(tank);
}

static void tank_work_ok(struct work_struct *work)
{
	struct tank *tank = container_of(work, struct tank, work);

	spin_lock_bh(&tank->gate);
	spin_lock(&tank->b);
	spin_lock(&tank->a);
	spin_unlock(&tank->a);
	spin_unlock(&tank->b);
	spin_unlock_bh(&tank->gate);
}

static long tank_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!cmd)
		return -EINVAL;
	spin_lock_bh(&the_tank->c);
	spin_lock(&the_tank->d);
	spin_unlock(&the_tank->d);
	spin_unlock_bh(&the_tank->c);
	return 0;
}

/* one function on two CPUs: which order it takes depends on the call */
static ssize_t fn_tank_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	spin_lock_bh(size ? &the_tank->d : &the_tank->e);
	spin_lock(size ? &the_tank->e : &the_tank->d);
	spin_unlock(size ? &the_tank->e : &the_tank->d);
	spin_unlock_bh(size ? &the_tank->d : &the_tank->e);
	return 0;
}

static const struct file_operations tank_fops = {
	.read = fn_tank_read,
	.unlocked_ioctl = tank_ioctl,
};

void tank_setup(struct tank *tank)
{
	the_tank = tank;
	timer_setup(&tank->timer, tank_timer, 0);
	timer_setup(&tank->slow, tank_slow, 0);
	INIT_WORK(&tank->work, tank_work_ok);
}
