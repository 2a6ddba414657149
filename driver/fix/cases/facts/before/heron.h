/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <linux/slab.h>
#include <linux/spinlock.h>

struct heron {
	spinlock_t lock;
	void __iomem *base;
	int *table;
};

void heron_notify(struct heron *heron, gfp_t flags);
int heron_send(struct heron *heron, gfp_t flags);
