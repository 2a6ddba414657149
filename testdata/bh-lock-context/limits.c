// What the rule does not see, and where it is not certain.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>

struct queue {
	spinlock_t lock;
	int length;
};

struct port {
	struct queue rx, control;
	spinlock_t *shared;
	int irq;
	bool polled;
};

static struct port *the_port;

static void queue_init(struct queue *queue)
{
	spin_lock_init(&queue->lock);
}

static irqreturn_t port_irq_ok(int irq, void *data)
{
	struct port *port = data;

	spin_lock(&port->rx.lock);
	spin_unlock(&port->rx.lock);
	return IRQ_HANDLED;
}

/* another queue's lock, which no handler takes */
static ssize_t port_read_ok(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	spin_lock(&the_port->control.lock);
	spin_unlock(&the_port->control.lock);
	return 0;
}

static void fn_locks_what_it_is_given(struct queue *queue)
{
	/* Missed: which of the queues it is depends on a condition. What is not certain has medium confidence. */
	spin_lock(&queue->lock); // may: bh-lock-context medium
	spin_unlock(&queue->lock);
}

static ssize_t port_write(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	fn_locks_what_it_is_given(size > 8 ? &the_port->rx : &the_port->control);
	return size;
}

static const struct file_operations port_fops = {
	.read = port_read_ok,
	.write = port_write,
};

void port_setup(struct port *port)
{
	spin_lock_init(&port->rx.lock);
	spin_lock_init(&port->control.lock);
	request_irq(port->irq, port_irq_ok, 0, "port", port);
}
