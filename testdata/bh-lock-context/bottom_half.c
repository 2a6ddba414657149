// A lock that a bottom half takes: processes must have bottom halves off, other bottom halves need not.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct link {
	spinlock_t lock, slow;
	struct tasklet_struct rx;
	struct timer_list poll;
	struct work_struct work, bh_work;
	int packets, irq;
	bool atomic;
};

static struct link *the_link;

static void link_rx_bad(struct tasklet_struct *t)
{
	struct link *link = from_tasklet(link, t, rx);

	spin_lock(&link->lock);
	link->packets++;
	spin_unlock(&link->lock);
}

static void link_poll_ok(struct timer_list *t)
{
	struct link *link = from_timer(link, t, poll);

	spin_lock(&link->lock); /* no tasklet comes before the timer has returned */
	spin_unlock(&link->lock);
}

static irqreturn_t link_irq_bad(int irq, void *data)
{
	struct link *link = data;

	spin_lock(&link->slow);
	spin_unlock(&link->slow);
	tasklet_schedule(&link->rx);
	return IRQ_HANDLED;
}

static void link_work_bad(struct work_struct *work)
{
	struct link *link = container_of(work, struct link, work);

	spin_lock(&link->lock); // expect: bh-lock-context
	link->packets = 0;
	spin_unlock(&link->lock);
}

/* in a tasklet interrupts are on */
static void link_late_bad(struct tasklet_struct *t)
{
	spin_lock(&the_link->slow); // expect: bh-lock-context
	spin_unlock(&the_link->slow);
}

static void link_update(struct link *link, bool from_tasklet)
{
	if (!from_tasklet)
		local_bh_disable();
	spin_lock(&link->lock);
	spin_unlock(&link->lock);
	if (!from_tasklet)
		local_bh_enable();
}

static ssize_t link_write_ok(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	spin_lock_bh(&the_link->lock);
	spin_unlock_bh(&the_link->lock);
	link_update(the_link, false);
	if (in_interrupt())
		link_rx_bad(&the_link->rx);
	return size;
}

/* it is only ever queued where it is a bottom half itself */
static void link_bh_work_ok(struct work_struct *work)
{
	struct link *link = container_of(work, struct link, bh_work);

	spin_lock(&link->lock);
	spin_unlock(&link->lock);
}

static int link_release_ok(struct inode *inode, struct file *file)
{
	queue_work(system_bh_wq, &the_link->bh_work);
	tasklet_kill(&the_link->rx);
	spin_lock(&the_link->lock); /* the tasklet does not come any more */
	spin_unlock(&the_link->lock);
	return 0;
}

static ssize_t link_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	/* who sets the flag may have interrupts off */
	if (the_link->atomic) {
		spin_lock(&the_link->slow); // expect: bh-lock-context medium
		spin_unlock(&the_link->slow);
	}
	return 0;
}

static const struct file_operations link_fops = {
	.read = link_read,
	.write = link_write_ok,
	.release = link_release_ok,
};

void link_setup(struct link *link, struct tasklet_struct *late)
{
	tasklet_setup(&link->rx, link_rx_bad);
	tasklet_setup(late, link_late_bad);
	timer_setup(&link->poll, link_poll_ok, 0);
	INIT_WORK(&link->work, link_work_bad);
	INIT_WORK(&link->bh_work, link_bh_work_ok);
	request_irq(link->irq, link_irq_bad, 0, "link", link);
}
