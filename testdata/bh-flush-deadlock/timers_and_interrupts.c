// Timers, tasklets, NAPI and interrupts: the same, with spinlocks too.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

struct nic {
	spinlock_t lock;
	struct mutex config;
	struct timer_list watchdog, blink;
	struct tasklet_struct rx;
	int irq, other_irq;
};

static struct nic *the_nic;

static void nic_watchdog_bad(struct timer_list *t)
{
	struct nic *nic = from_timer(nic, t, watchdog);

	spin_lock(&nic->lock);
	spin_unlock(&nic->lock);
}

static void nic_blink_ok(struct timer_list *t)
{
}

static irqreturn_t nic_thread_bad(int irq, void *data)
{
	struct nic *nic = data;

	mutex_lock(&nic->config);
	mutex_unlock(&nic->config);
	disable_irq(nic->irq); // expect: bh-flush-deadlock
	return IRQ_HANDLED;
}

static irqreturn_t nic_quiet_thread_ok(int irq, void *data)
{
	struct nic *nic = data;

	disable_irq_nosync(nic->other_irq); /* does not wait */
	return IRQ_HANDLED;
}

static int nic_flush_bad(struct file *file, fl_owner_t id)
{
	spin_lock_bh(&the_nic->lock);
	del_timer_sync(&the_nic->watchdog); // expect: bh-flush-deadlock
	del_timer_sync(&the_nic->blink);
	del_timer(&the_nic->watchdog);
	spin_unlock_bh(&the_nic->lock);
	mutex_lock(&the_nic->config);
	free_irq(the_nic->irq, the_nic); // expect: bh-flush-deadlock
	mutex_unlock(&the_nic->config);
	return 0;
}

static int nic_release_ok(struct inode *inode, struct file *file)
{
	mutex_lock(&the_nic->config);
	free_irq(the_nic->other_irq, the_nic);
	mutex_unlock(&the_nic->config);
	free_irq(the_nic->irq, the_nic);
	del_timer_sync(&the_nic->watchdog);
	return 0;
}

static const struct file_operations nic_fops = {
	.flush = nic_flush_bad,
	.release = nic_release_ok,
};

int nic_setup(struct nic *nic)
{
	timer_setup(&nic->watchdog, nic_watchdog_bad, 0);
	timer_setup(&nic->blink, nic_blink_ok, 0);
	return request_threaded_irq(nic->irq, NULL, nic_thread_bad, IRQF_ONESHOT, "nic", nic) +
	       request_threaded_irq(nic->other_irq, NULL, nic_quiet_thread_ok, IRQF_ONESHOT, "nic", nic);
}
