/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_SPINLOCK_TYPES_H
#define BHLINT_STANDIN_SPINLOCK_TYPES_H

#include <linux/types.h>

typedef struct raw_spinlock {
	unsigned int slock;
} raw_spinlock_t;

typedef struct spinlock {
	struct raw_spinlock rlock;
} spinlock_t;

typedef struct {
	unsigned int raw_lock;
} rwlock_t;

#define __RAW_SPIN_LOCK_UNLOCKED(name) (raw_spinlock_t){ 0 }
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = { 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = { { 0 } }
#define DEFINE_RWLOCK(name) rwlock_t name = { 0 }

#endif
