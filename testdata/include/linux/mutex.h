/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_MUTEX_H
#define BHLINT_STANDIN_MUTEX_H

#include <linux/cleanup.h>
#include <linux/types.h>

struct mutex {
	atomic_long_t owner;
};

#define DEFINE_MUTEX(name) struct mutex name = { { 0 } }

void __mutex_init(struct mutex *lock, const char *name);
#define mutex_init(mutex) __mutex_init(mutex, #mutex)

/* With CONFIG_DEBUG_LOCK_ALLOC, where each of these is a macro. */
void mutex_lock_nested(struct mutex *lock, unsigned int subclass);
int __must_check mutex_lock_interruptible_nested(struct mutex *lock, unsigned int subclass);
#define mutex_lock(lock) mutex_lock_nested(lock, 0)
#define mutex_lock_interruptible(lock) mutex_lock_interruptible_nested(lock, 0)
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
DEFINE_GUARD_COND(mutex, _try, mutex_trylock(_T))

#endif
