// Two locks in two orders: a timer's function against a work item, a handler against a system call.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct pump {
	spinlock_t lock, stats, gate, tried, quiet;
	rwlock_t table, map;
	struct mutex big, small;
	struct timer_list timer;
	struct work_struct work, other;
	int level, irq;
};

static struct pump *the_pump;

static void pump_timer_bad(struct timer_list *timer)
{
	struct pump *pump = from_timer(pump, timer, timer);

	spin_lock(&pump->stats);
	spin_lock(&pump->lock); // expect: bh-lock-order
	pump->level++;
	spin_unlock(&pump->lock);
	spin_unlock(&pump->stats);
}

static void pump_count(struct pump *pump)
{
	spin_lock(&pump->stats);
	pump->level--;
	spin_unlock(&pump->stats);
}

static void pump_work_bad(struct work_struct *work)
{
	struct pump *pump = container_of(work, struct pump, work);

	spin_lock_bh(&pump->lock);
	pump_count(pump);
	spin_unlock_bh(&pump->lock);
	mutex_lock(&pump->big);
	mutex_lock(&pump->small); // expect: bh-lock-order
	mutex_unlock(&pump->small);
	mutex_unlock(&pump->big);
}

/* usual: two places take lock, then stats */
static ssize_t pump_read_bad(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	spin_lock_bh(&the_pump->lock);
	spin_lock(&the_pump->stats);
	spin_unlock(&the_pump->stats);
	spin_unlock_bh(&the_pump->lock);
	return 0;
}

static ssize_t pump_write_bad(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	mutex_lock(&the_pump->small);
	mutex_lock(&the_pump->big);
	mutex_unlock(&the_pump->big);
	mutex_unlock(&the_pump->small);
	return 0;
}

/* who only tries does not wait, and readers do not wait for readers */
static irqreturn_t pump_irq_ok(int irq, void *data)
{
	struct pump *pump = data;

	spin_lock(&pump->quiet);
	if (spin_trylock(&pump->tried))
		spin_unlock(&pump->tried);
	spin_unlock(&pump->quiet);
	read_lock(&pump->table);
	read_lock(&pump->map);
	read_unlock(&pump->map);
	read_unlock(&pump->table);
	return IRQ_HANDLED;
}

static long pump_ioctl_ok(struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned long flags;

	spin_lock_irqsave(&the_pump->tried, flags);
	spin_lock(&the_pump->quiet);
	spin_unlock(&the_pump->quiet);
	spin_unlock_irqrestore(&the_pump->tried, flags);
	read_lock(&the_pump->map);
	read_lock(&the_pump->table);
	read_unlock(&the_pump->table);
	read_unlock(&the_pump->map);
	return 0;
}

static const struct file_operations pump_fops = {
	.read = pump_read_bad,
	.write = pump_write_bad,
	.unlocked_ioctl = pump_ioctl_ok,
};

int pump_setup(struct pump *pump)
{
	the_pump = pump;
	timer_setup(&pump->timer, pump_timer_bad, 0);
	INIT_WORK(&pump->work, pump_work_bad);
	return request_irq(pump->irq, pump_irq_ok, 0, "pump", pump);
}
