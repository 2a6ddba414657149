// Reclaiming allocations where the context forbids them, with no lock in sight.
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/usb.h>
#include <linux/workqueue.h>

struct modem {
	struct napi_struct napi;
	struct timer_list timer;
	struct work_struct work;
	struct urb *urb;
	void *item;
	int irq;
};

static irqreturn_t irq_bad(int irq, void *data)
{
	struct modem *m = data;

	m->item = kmalloc(32, GFP_KERNEL); // expect: bh-gfp-in-atomic
	return IRQ_WAKE_THREAD;
}

static irqreturn_t thread_ok(int irq, void *data)
{
	struct modem *m = data;

	m->item = kmalloc(32, GFP_KERNEL);
	return IRQ_HANDLED;
}

static int poll_ok(struct napi_struct *napi, int budget)
{
	struct sk_buff *skb = netdev_alloc_skb(napi->dev, 64);

	if (skb)
		netif_receive_skb(skb);
	return 0;
}

static void timer_bad(struct timer_list *timer)
{
	struct modem *m = from_timer(m, timer, timer);

	m->item = kzalloc(32, GFP_KERNEL); // expect: bh-gfp-in-atomic
}

static void work_ok(struct work_struct *work)
{
	struct modem *m = container_of(work, struct modem, work);

	m->item = kzalloc(32, GFP_KERNEL);
}

static void complete_bad(struct urb *urb)
{
	if (usb_submit_urb(urb, GFP_KERNEL)) // expect: bh-gfp-in-atomic
		pr_err("cannot resubmit\n");
}

static void complete_ok(struct urb *urb)
{
	if (usb_submit_urb(urb, GFP_ATOMIC))
		pr_err("cannot resubmit\n");
}

void rcu_bad(struct modem *m)
{
	rcu_read_lock();
	m->item = kmalloc(32, GFP_KERNEL); // expect: bh-gfp-in-atomic
	rcu_read_unlock();
}

int modem_setup(struct modem *m, struct net_device *dev, struct usb_device *udev)
{
	netif_napi_add(dev, &m->napi, poll_ok);
	timer_setup(&m->timer, timer_bad, 0);
	INIT_WORK(&m->work, work_ok);
	usb_fill_bulk_urb(m->urb, udev, 0, NULL, 0, complete_bad, m);
	usb_fill_bulk_urb(m->urb, udev, 1, NULL, 0, complete_ok, m);
	return request_threaded_irq(m->irq, irq_bad, thread_ok, 0, "modem", m);
}
