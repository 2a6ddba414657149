/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_TIMER_H
#define BHLINT_STANDIN_TIMER_H

#include <linux/list.h>
#include <linux/sched.h>

struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	u32 flags;
};

#define TIMER_DEFERRABLE 0x00080000
#define TIMER_IRQSAFE 0x00200000

struct lock_class_key {
	char unused;
};

void init_timer_key(struct timer_list *timer, void (*func)(struct timer_list *), unsigned int flags,
		    const char *name, struct lock_class_key *key);

#define __init_timer(_timer, _fn, _flags)			\
	do {							\
		static struct lock_class_key __key;		\
		init_timer_key((_timer), (_fn), (_flags), #_timer, &__key); \
	} while (0)
#define timer_setup(timer, callback, flags) __init_timer((timer), (callback), (flags))
#define DEFINE_TIMER(_name, _function) struct timer_list _name = { .function = (_function) }
#define from_timer(var, callback_timer, timer_fieldname) \
	container_of(callback_timer, typeof(*var), timer_fieldname)

int mod_timer(struct timer_list *timer, unsigned long expires);
void add_timer(struct timer_list *timer);
int timer_delete(struct timer_list *timer);
int timer_delete_sync(struct timer_list *timer);

static inline int del_timer(struct timer_list *timer)
{
	return timer_delete(timer);
}

static inline int del_timer_sync(struct timer_list *timer)
{
	return timer_delete_sync(timer);
}

#endif
