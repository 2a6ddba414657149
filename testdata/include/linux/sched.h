/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_SCHED_H
#define BHLINT_STANDIN_SCHED_H

#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#define TASK_INTERRUPTIBLE 0x1
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define HZ 250

struct task_struct;

extern unsigned long volatile jiffies;

void schedule(void);
long schedule_timeout(long timeout);
long schedule_timeout_uninterruptible(long timeout);
int wake_up_process(struct task_struct *task);
void __might_resched(const char *file, int line, unsigned int offsets);
unsigned long msecs_to_jiffies(unsigned int m);

#define cond_resched()						\
({								\
	__might_resched(__FILE__, __LINE__, 0);			\
	__cond_resched();					\
})
int __cond_resched_lock(spinlock_t *lock);
#define cond_resched_lock(lock)					\
({								\
	__might_resched(__FILE__, __LINE__, 1);			\
	__cond_resched_lock(lock);				\
})

#endif
