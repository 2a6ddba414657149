/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_IRQ_H
#define BHLINT_STANDIN_IRQ_H

#include <linux/interrupt.h>

struct irq_desc;
struct irq_data;
typedef void (*irq_flow_handler_t)(struct irq_desc *desc);

struct irq_chip {
	const char *name;
	void (*irq_mask)(struct irq_data *data);
	void (*irq_unmask)(struct irq_data *data);
	int (*irq_set_type)(struct irq_data *data, unsigned int flow_type);
	void (*irq_bus_lock)(struct irq_data *data);
	void (*irq_bus_sync_unlock)(struct irq_data *data);
};

void __irq_set_handler(unsigned int irq, irq_flow_handler_t handle, int is_chained, const char *name);

static inline void irq_set_chained_handler(unsigned int irq, irq_flow_handler_t handle)
{
	__irq_set_handler(irq, handle, 1, NULL);
}

void irq_set_chained_handler_and_data(unsigned int irq, irq_flow_handler_t handle, void *data);
void *irq_desc_get_handler_data(struct irq_desc *desc);
void *irq_data_get_irq_chip_data(struct irq_data *data);

#endif
