/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Tern: a memory-mapped UART. Received characters are pushed from the interrupt; what is sent is copied into chunks that
 * the hardware fetches by itself.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/platform_device.h>
#include <linux/serial_core.h>
#include <linux/slab.h>

#define TERN_STATUS 0x00
#define TERN_DATA 0x04
#define TERN_FETCH 0x08
#define TERN_CONTROL 0x0c
#define TERN_STATUS_RX (1 << 0)
#define TERN_STATUS_TX (1 << 1)
#define TERN_CONTROL_ON (1 << 0)

struct tern_chunk {
	struct list_head entry;
	unsigned int length;
	u8 data[64];
};

struct tern_port {
	struct uart_port port;
	struct list_head chunks;
	bool sending;
};

static struct tern_port *to_tern(struct uart_port *port)
{
	return container_of(port, struct tern_port, port);
}

static int tern_queue_chunk(struct tern_port *tern, unsigned int length)
{
	struct tern_chunk *chunk;

	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL); // expect: bh-gfp-in-atomic
	if (!chunk)
		return -ENOMEM;
	chunk->length = length;
	list_add_tail(&chunk->entry, &tern->chunks);
	return 0;
}

static void tern_send_next(struct tern_port *tern)
{
	struct tern_chunk *chunk;

	tern->sending = !list_empty(&tern->chunks);
	if (!tern->sending)
		return;
	chunk = list_first_entry(&tern->chunks, struct tern_chunk, entry);
	list_del(&chunk->entry);
	writel(chunk->length, tern->port.membase + TERN_FETCH);
	kfree(chunk);
}

/* The serial core calls this with the port's lock held and interrupts off. */
static void tern_start_tx(struct uart_port *port)
{
	struct tern_port *tern = to_tern(port);

	if (tern_queue_chunk(tern, 64))
		return;
	if (!tern->sending)
		tern_send_next(tern);
}

static void tern_stop_tx(struct uart_port *port)
{
	writel(0, port->membase + TERN_FETCH);
}

static irqreturn_t tern_interrupt(int irq, void *data)
{
	struct tern_port *tern = data;
	struct uart_port *port = &tern->port;
	u32 status;

	uart_port_lock(port);
	status = readl(port->membase + TERN_STATUS);
	while (status & TERN_STATUS_RX) {
		tty_insert_flip_char(&port->state->port, readl(port->membase + TERN_DATA), 0);
		status = readl(port->membase + TERN_STATUS); // expect: bh-long-top-half medium
	}
	if (status & TERN_STATUS_TX)
		tern_send_next(tern);
	uart_port_unlock(port);
	tty_flip_buffer_push(&port->state->port);
	return IRQ_HANDLED;
}

/* Opening a port may sleep: the core holds a mutex there. */
static int tern_startup(struct uart_port *port)
{
	int ret;

	writel(TERN_CONTROL_ON, port->membase + TERN_CONTROL);
	msleep(2);
	ret = request_irq(port->irq, tern_interrupt, 0, "tern", to_tern(port));
	if (ret)
		writel(0, port->membase + TERN_CONTROL);
	return ret;
}

static void tern_shutdown(struct uart_port *port)
{
	writel(0, port->membase + TERN_CONTROL);
	free_irq(port->irq, to_tern(port));
}

static const struct uart_ops tern_ops = {
	.start_tx = tern_start_tx,
	.stop_tx = tern_stop_tx,
	.startup = tern_startup,
	.shutdown = tern_shutdown,
};

static struct uart_driver tern_uart = {
	.owner = THIS_MODULE,
	.driver_name = "tern",
	.nr = 4,
};

static int tern_probe(struct platform_device *pdev)
{
	struct tern_port *tern = devm_kzalloc(&pdev->dev, sizeof(*tern), GFP_KERNEL);

	if (!tern)
		return -ENOMEM;
	INIT_LIST_HEAD(&tern->chunks);
	spin_lock_init(&tern->port.lock);
	tern->port.membase = devm_platform_ioremap_resource(pdev, 0);
	tern->port.irq = platform_get_irq(pdev, 0);
	tern->port.ops = &tern_ops;
	tern->port.dev = &pdev->dev;
	platform_set_drvdata(pdev, tern);
	return uart_add_one_port(&tern_uart, &tern->port);
}

static void tern_remove(struct platform_device *pdev)
{
	struct tern_port *tern = platform_get_drvdata(pdev);

	uart_remove_one_port(&tern_uart, &tern->port);
}

static struct platform_driver tern_driver = {
	.probe = tern_probe,
	.remove = tern_remove,
	.driver = { .name = "tern-uart" },
};
module_platform_driver(tern_driver);

MODULE_DESCRIPTION("Tern UART");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
