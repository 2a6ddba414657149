/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_INTERRUPT_H
#define BHLINT_STANDIN_INTERRUPT_H

#include <linux/cleanup.h>
#include <linux/irqreturn.h>
#include <linux/preempt.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define IRQF_TRIGGER_RISING 0x00000001
#define IRQF_TRIGGER_HIGH 0x00000004
#define IRQF_SHARED 0x00000080
#define IRQF_PERCPU 0x00000400
#define IRQF_ONESHOT 0x00002000
#define IRQF_NO_THREAD 0x00010000
#define IRQF_COND_ONESHOT 0x00200000

struct device;

typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

int __must_check request_threaded_irq(unsigned int irq, irq_handler_t handler, irq_handler_t thread_fn,
				      unsigned long flags, const char *name, void *dev);

static inline int __must_check request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
					   const char *name, void *dev)
{
	return request_threaded_irq(irq, handler, NULL, flags, name, dev);
}

int __must_check devm_request_threaded_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
					   irq_handler_t thread_fn, unsigned long irqflags,
					   const char *devname, void *dev_id);

static inline int __must_check devm_request_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
						unsigned long irqflags, const char *devname, void *dev_id)
{
	return devm_request_threaded_irq(dev, irq, handler, NULL, irqflags, devname, dev_id);
}

int __request_percpu_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *devname,
			 void __percpu *percpu_dev_id);

static inline int __must_check request_percpu_irq(unsigned int irq, irq_handler_t handler, const char *devname,
						  void __percpu *percpu_dev_id)
{
	return __request_percpu_irq(irq, handler, 0, devname, percpu_dev_id);
}

const void *free_irq(unsigned int irq, void *dev_id);
void devm_free_irq(struct device *dev, unsigned int irq, void *dev_id);
void disable_irq(unsigned int irq);
void disable_irq_nosync(unsigned int irq);
void enable_irq(unsigned int irq);
void synchronize_irq(unsigned int irq);

enum {
	HI_SOFTIRQ,
	TIMER_SOFTIRQ,
	NET_TX_SOFTIRQ,
	NET_RX_SOFTIRQ,
	BLOCK_SOFTIRQ,
	IRQ_POLL_SOFTIRQ,
	TASKLET_SOFTIRQ,
	SCHED_SOFTIRQ,
	HRTIMER_SOFTIRQ,
	RCU_SOFTIRQ,
	NR_SOFTIRQS
};

void open_softirq(int nr, void (*action)(void));
void raise_softirq(unsigned int nr);

enum { TASKLET_STATE_SCHED, TASKLET_STATE_RUN };

struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state;
	atomic_t count;
	bool use_callback;
	union {
		void (*func)(unsigned long data);
		void (*callback)(struct tasklet_struct *t);
	};
	unsigned long data;
};

#define DECLARE_TASKLET(name, _callback)		\
struct tasklet_struct name = {				\
	.count = { 0 },					\
	.callback = _callback,				\
	.use_callback = true,				\
}
#define DECLARE_TASKLET_DISABLED(name, _callback)	\
struct tasklet_struct name = {				\
	.count = { 1 },					\
	.callback = _callback,				\
	.use_callback = true,				\
}
#define DECLARE_TASKLET_OLD(name, _func)		\
struct tasklet_struct name = {				\
	.count = { 0 },					\
	.func = _func,					\
}
#define DECLARE_TASKLET_DISABLED_OLD(name, _func)	\
struct tasklet_struct name = {				\
	.count = { 1 },					\
	.func = _func,					\
}
#define from_tasklet(var, callback_tasklet, tasklet_fieldname) \
	container_of(callback_tasklet, typeof(*var), tasklet_fieldname)

void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *));
void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data);
void __tasklet_schedule(struct tasklet_struct *t);
void __tasklet_hi_schedule(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);
void tasklet_disable(struct tasklet_struct *t);
void tasklet_disable_nosync(struct tasklet_struct *t);
void tasklet_disable_in_atomic(struct tasklet_struct *t);
void tasklet_enable(struct tasklet_struct *t);
void tasklet_unlock_wait(struct tasklet_struct *t);
void tasklet_unlock_spin_wait(struct tasklet_struct *t);
int tasklet_trylock(struct tasklet_struct *t);
void tasklet_unlock(struct tasklet_struct *t);

static inline void tasklet_schedule(struct tasklet_struct *t)
{
	__tasklet_schedule(t);
}

static inline void tasklet_hi_schedule(struct tasklet_struct *t)
{
	__tasklet_hi_schedule(t);
}

#endif
