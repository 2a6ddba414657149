// Interrupts and bottom halves turned on by who did not turn them off.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>

struct uart {
	spinlock_t lock, stats, line;
	int irq, count;
};

static struct uart *the_uart;

static void uart_count(struct uart *uart)
{
	spin_lock_irq(&uart->stats);
	uart->count++;
	spin_unlock_irq(&uart->stats); // expect: bh-nested-context
}

static void uart_count_bh(struct uart *uart)
{
	spin_lock_bh(&uart->stats);
	uart->count++;
	spin_unlock_bh(&uart->stats); // expect: bh-nested-context
}

static void uart_count_ok(struct uart *uart)
{
	unsigned long flags;

	spin_lock_irqsave(&uart->stats, flags);
	uart->count++;
	spin_unlock_irqrestore(&uart->stats, flags);
}

static void uart_restart(struct uart *uart)
{
	if (!uart->count) {
		spin_lock_irq(&uart->line);
		spin_unlock_irq(&uart->line); // expect: bh-nested-context medium
	}
}

static irqreturn_t uart_irq_bad(int irq, void *data)
{
	struct uart *uart = data;

	spin_lock_irq(&uart->lock);
	uart->count++;
	spin_unlock_irq(&uart->lock); // expect: bh-nested-context
	/* two conditions, which may exclude each other */
	if (uart->count)
		uart_restart(uart);
	return IRQ_HANDLED;
}

static ssize_t uart_read_bad(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	unsigned long flags;

	spin_lock_irqsave(&the_uart->lock, flags);
	uart_count(the_uart);
	uart_count_bh(the_uart);
	spin_unlock_irqrestore(&the_uart->lock, flags);
	return 0;
}

static ssize_t uart_write_ok(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	unsigned long flags;

	spin_lock_irqsave(&the_uart->lock, flags);
	uart_count_ok(the_uart);
	spin_lock(&the_uart->stats);
	spin_unlock(&the_uart->stats);
	spin_unlock_irqrestore(&the_uart->lock, flags);
	spin_lock_irq(&the_uart->stats);
	spin_unlock_irq(&the_uart->stats);
	spin_lock_bh(&the_uart->stats);
	spin_unlock_bh(&the_uart->stats);
	return size;
}

/* Missed: off on one path only. */
static int fn_open_off_sometimes(struct inode *inode, struct file *file)
{
	if (the_uart->count)
		local_irq_disable();
	spin_lock_irq(&the_uart->stats);
	spin_unlock_irq(&the_uart->stats);
	if (the_uart->count)
		local_irq_enable();
	return 0;
}

static const struct file_operations uart_fops = {
	.open = fn_open_off_sometimes,
	.read = uart_read_bad,
	.write = uart_write_ok,
};

int uart_setup(struct uart *uart)
{
	return request_irq(uart->irq, uart_irq_bad, 0, "uart", uart);
}
