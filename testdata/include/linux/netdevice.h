/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_NETDEVICE_H
#define BHLINT_STANDIN_NETDEVICE_H

#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/skbuff.h>

enum netdev_tx {
	NETDEV_TX_OK = 0x00,
	NETDEV_TX_BUSY = 0x10,
};
typedef enum netdev_tx netdev_tx_t;

struct rtnl_link_stats64 {
	u64 rx_packets;
	u64 tx_packets;
};

struct net_device_ops;

struct net_device {
	const struct net_device_ops *netdev_ops;
	struct device dev;
	void *priv;
	u32 mtu;
};

struct net_device_ops {
	int (*ndo_open)(struct net_device *dev);
	int (*ndo_stop)(struct net_device *dev);
	netdev_tx_t (*ndo_start_xmit)(struct sk_buff *skb, struct net_device *dev);
	void (*ndo_set_rx_mode)(struct net_device *dev);
	int (*ndo_change_mtu)(struct net_device *dev, int new_mtu);
	void (*ndo_tx_timeout)(struct net_device *dev, unsigned int txqueue);
	void (*ndo_get_stats64)(struct net_device *dev, struct rtnl_link_stats64 *storage);
};

struct napi_struct {
	struct list_head poll_list;
	int weight;
	int (*poll)(struct napi_struct *napi, int budget);
	struct net_device *dev;
};

static inline void *netdev_priv(const struct net_device *dev)
{
	return dev->priv;
}

void netif_napi_add_weight(struct net_device *dev, struct napi_struct *napi,
			   int (*poll)(struct napi_struct *, int), int weight);
static inline void netif_napi_add(struct net_device *dev, struct napi_struct *napi,
				  int (*poll)(struct napi_struct *, int))
{
	netif_napi_add_weight(dev, napi, poll, 64);
}

bool napi_schedule(struct napi_struct *n);
bool napi_complete_done(struct napi_struct *n, int work_done);
void napi_enable(struct napi_struct *n);
void napi_disable(struct napi_struct *n);
int netif_receive_skb(struct sk_buff *skb);
void netif_stop_queue(struct net_device *dev);
void netif_wake_queue(struct net_device *dev);
struct net_device *devm_alloc_etherdev(struct device *dev, int sizeof_priv);
int register_netdev(struct net_device *dev);
void unregister_netdev(struct net_device *dev);

#endif
