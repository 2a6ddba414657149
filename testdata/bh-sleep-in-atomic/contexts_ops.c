// Callbacks that a subsystem calls in a stated context through a table of operations.
#include <linux/delay.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/input.h>
#include <linux/irq.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/serial_core.h>
#include <linux/usb.h>

static netdev_tx_t xmit_bad(struct sk_buff *skb, struct net_device *dev)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return NETDEV_TX_OK;
}

static void set_rx_mode_bad(struct net_device *dev)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void tx_timeout_bad(struct net_device *dev, unsigned int queue)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void get_stats_bad(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static int open_ok(struct net_device *dev)
{
	msleep(1);
	return 0;
}

static int change_mtu_ok(struct net_device *dev, int mtu)
{
	msleep(1);
	return 0;
}

const struct net_device_ops netdev_ops = {
	.ndo_open = open_ok,
	.ndo_start_xmit = xmit_bad,
	.ndo_set_rx_mode = set_rx_mode_bad,
	.ndo_tx_timeout = tx_timeout_bad,
	.ndo_get_stats64 = get_stats_bad,
	.ndo_change_mtu = change_mtu_ok,
};

static void start_tx_bad(struct uart_port *port)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static int startup_ok(struct uart_port *port)
{
	msleep(1);
	return 0;
}

const struct uart_ops uart_ops = {
	.start_tx = start_tx_bad,
	.startup = startup_ok,
};

static void irq_mask_bad(struct irq_data *data)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void irq_bus_lock_ok(struct irq_data *data)
{
	msleep(1);
}

struct irq_chip chip = {
	.irq_mask = irq_mask_bad,
	.irq_bus_lock = irq_bus_lock_ok,
};

static void urb_complete_bad(struct urb *urb)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

void usb_start(struct urb *urb, struct usb_device *dev)
{
	usb_fill_bulk_urb(urb, dev, 0, NULL, 0, urb_complete_bad, NULL);
}

static void dma_callback_late(void *param)
{
	msleep(1); // expect: bh-sleep-in-atomic medium
}

void dma_start(struct dma_async_tx_descriptor *tx)
{
	tx->callback = dma_callback_late;
}

static int led_event_bad(struct input_dev *dev, unsigned int type, unsigned int code, int value)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return 0;
}

static int input_open_ok(struct input_dev *dev)
{
	msleep(1);
	return 0;
}

void input_setup(struct input_dev *dev)
{
	dev->event = led_event_bad;
	dev->open = input_open_ok;
}

static long ioctl_ok(struct file *file, unsigned int cmd, unsigned long arg)
{
	msleep(1);
	return 0;
}

const struct file_operations fops = {
	.unlocked_ioctl = ioctl_ok,
};
