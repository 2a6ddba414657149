/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_SERIAL_CORE_H
#define BHLINT_STANDIN_SERIAL_CORE_H

#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>
#include <linux/tty.h>

struct uart_port;

struct uart_state {
	struct tty_port port;
};

struct uart_ops {
	unsigned int (*tx_empty)(struct uart_port *port);
	void (*set_mctrl)(struct uart_port *port, unsigned int mctrl);
	void (*stop_tx)(struct uart_port *port);
	void (*start_tx)(struct uart_port *port);
	void (*stop_rx)(struct uart_port *port);
	int (*startup)(struct uart_port *port);
	void (*shutdown)(struct uart_port *port);
};

struct uart_port {
	spinlock_t lock;
	unsigned char __iomem *membase;
	unsigned int irq;
	struct uart_state *state;
	const struct uart_ops *ops;
	struct device *dev;
	void *private_data;
};

struct uart_driver {
	struct module *owner;
	const char *driver_name;
	int nr;
};

static inline void uart_port_lock(struct uart_port *up)
{
	spin_lock(&up->lock);
}

static inline void uart_port_unlock(struct uart_port *up)
{
	spin_unlock(&up->lock);
}

int uart_add_one_port(struct uart_driver *drv, struct uart_port *port);
void uart_remove_one_port(struct uart_driver *drv, struct uart_port *port);

#endif
