/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_DMAENGINE_H
#define BHLINT_STANDIN_DMAENGINE_H

#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/spinlock.h>

typedef s32 dma_cookie_t;
typedef void (*dma_async_tx_callback)(void *param);

enum dma_status {
	DMA_COMPLETE,
	DMA_IN_PROGRESS,
	DMA_ERROR,
};

struct dma_device;

struct dma_chan {
	struct dma_device *device;
	struct list_head device_node;
	void *private;
};

struct dma_async_tx_descriptor {
	dma_cookie_t cookie;
	struct dma_chan *chan;
	dma_cookie_t (*tx_submit)(struct dma_async_tx_descriptor *tx);
	dma_async_tx_callback callback;
	void *callback_param;
};

struct dma_tx_state;

struct dma_device {
	struct list_head channels;
	struct device *dev;
	int (*device_alloc_chan_resources)(struct dma_chan *chan);
	void (*device_free_chan_resources)(struct dma_chan *chan);
	struct dma_async_tx_descriptor *(*device_prep_dma_memcpy)(struct dma_chan *chan, dma_addr_t dst,
								  dma_addr_t src, size_t len,
								  unsigned long flags);
	int (*device_terminate_all)(struct dma_chan *chan);
	void (*device_synchronize)(struct dma_chan *chan);
	enum dma_status (*device_tx_status)(struct dma_chan *chan, dma_cookie_t cookie,
					    struct dma_tx_state *txstate);
	void (*device_issue_pending)(struct dma_chan *chan);
};

int dma_async_device_register(struct dma_device *device);
void dma_async_device_unregister(struct dma_device *device);

#endif
