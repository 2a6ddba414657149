// Waiting for interrupts, work, tasklets, timers, threads and grace periods sleeps as well.
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/usb.h>
#include <linux/workqueue.h>

struct service {
	spinlock_t lock;
	int irq;
	struct work_struct work;
	struct delayed_work delayed;
	struct tasklet_struct task;
	struct timer_list timer;
	struct task_struct *thread;
	struct workqueue_struct *queue;
	struct urb *urb;
};

void stop_under_lock_bad(struct service *s)
{
	spin_lock(&s->lock);
	cancel_work_sync(&s->work); // expect: bh-sleep-in-atomic
	cancel_delayed_work_sync(&s->delayed); // expect: bh-sleep-in-atomic
	flush_work(&s->work); // expect: bh-sleep-in-atomic
	tasklet_kill(&s->task); // expect: bh-sleep-in-atomic
	free_irq(s->irq, s); // expect: bh-sleep-in-atomic
	kthread_stop(s->thread); // expect: bh-sleep-in-atomic
	synchronize_rcu(); // expect: bh-sleep-in-atomic
	destroy_workqueue(s->queue); // expect: bh-sleep-in-atomic
	usb_kill_urb(s->urb); // expect: bh-sleep-in-atomic
	spin_unlock(&s->lock);
}

/* None of these waits. */
void cancel_under_lock_ok(struct service *s)
{
	spin_lock(&s->lock);
	cancel_work(&s->work);
	cancel_delayed_work(&s->delayed);
	disable_irq_nosync(s->irq);
	del_timer(&s->timer);
	usb_unlink_urb(s->urb);
	schedule_work(&s->work);
	tasklet_schedule(&s->task);
	spin_unlock(&s->lock);
}

void stop_ok(struct service *s)
{
	cancel_work_sync(&s->work);
	cancel_delayed_work_sync(&s->delayed);
	tasklet_kill(&s->task);
	free_irq(s->irq, s);
	kthread_stop(s->thread);
	synchronize_rcu();
	destroy_workqueue(s->queue);
	usb_kill_urb(s->urb);
}
