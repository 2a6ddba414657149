/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_WORKQUEUE_H
#define BHLINT_STANDIN_WORKQUEUE_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/timer.h>

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	atomic_long_t data;
	struct list_head entry;
	work_func_t func;
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
};

#define from_work(var, callback_work, work_fieldname) \
	container_of(callback_work, typeof(*var), work_fieldname)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

enum wq_flags {
	WQ_BH = 1 << 0,
	WQ_UNBOUND = 1 << 1,
	WQ_FREEZABLE = 1 << 2,
	WQ_MEM_RECLAIM = 1 << 3,
	WQ_HIGHPRI = 1 << 4,
};

#define __WORK_INITIALIZER(n, f) {			\
	.data = { 0 },					\
	.entry = { &(n).entry, &(n).entry },		\
	.func = (f),					\
}
#define DECLARE_WORK(n, f) struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f)			\
	struct delayed_work n = { .work = __WORK_INITIALIZER((n).work, (f)) }

#define __INIT_WORK(_work, _func)			\
	do {						\
		(_work)->data = (atomic_long_t){ 0 };	\
		INIT_LIST_HEAD(&(_work)->entry);	\
		(_work)->func = (_func);		\
	} while (0)
#define INIT_WORK(_work, _func) __INIT_WORK((_work), (_func))

void delayed_work_timer_fn(struct timer_list *t);
#define INIT_DELAYED_WORK(_work, _func)			\
	do {						\
		INIT_WORK(&(_work)->work, (_func));	\
		timer_setup(&(_work)->timer, delayed_work_timer_fn, 0); \
	} while (0)

extern struct workqueue_struct *system_wq;
extern struct workqueue_struct *system_percpu_wq;
extern struct workqueue_struct *system_highpri_wq;
extern struct workqueue_struct *system_unbound_wq;
extern struct workqueue_struct *system_bh_wq;
extern struct workqueue_struct *system_bh_highpri_wq;

__printf(1, 4) struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...);
#define __WQ_ORDERED (1 << 17)
#define __WQ_LEGACY (1 << 18)
#define alloc_ordered_workqueue(fmt, flags, args...) \
	alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##args)
#define create_workqueue(name) alloc_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, 1, (name))
#define create_singlethread_workqueue(name) alloc_ordered_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, name)
void destroy_workqueue(struct workqueue_struct *wq);
bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay);
void __flush_workqueue(struct workqueue_struct *wq);
#define flush_scheduled_work() ({ __flush_workqueue(system_percpu_wq); })
bool flush_work(struct work_struct *work);
bool cancel_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool disable_work(struct work_struct *work);
bool disable_work_sync(struct work_struct *work);
bool enable_work(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);

#define WORK_CPU_UNBOUND 64

static inline bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work_on(WORK_CPU_UNBOUND, wq, work);
}

static inline bool enable_and_queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	if (!enable_work(work))
		return false;
	queue_work(wq, work);
	return true;
}

static inline bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_percpu_wq, work);
}

static inline bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work(system_percpu_wq, dwork, delay);
}

#endif
