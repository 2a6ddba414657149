/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_NOTIFIER_H
#define BHLINT_STANDIN_NOTIFIER_H

#include <linux/types.h>

struct notifier_block;
typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action, void *data);

struct notifier_block {
	notifier_fn_t notifier_call;
	struct notifier_block *next;
	int priority;
};

struct atomic_notifier_head;
int atomic_notifier_chain_register(struct atomic_notifier_head *nh, struct notifier_block *nb);
#define NOTIFY_OK 1

#endif
