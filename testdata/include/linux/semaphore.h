/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_SEMAPHORE_H
#define BHLINT_STANDIN_SEMAPHORE_H

#include <linux/types.h>

struct semaphore {
	unsigned int count;
};

void sema_init(struct semaphore *sem, int value);
void down(struct semaphore *sem);
int __must_check down_interruptible(struct semaphore *sem);
int __must_check down_trylock(struct semaphore *sem);
void up(struct semaphore *sem);

#endif
