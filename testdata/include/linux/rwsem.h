/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_RWSEM_H
#define BHLINT_STANDIN_RWSEM_H

#include <linux/types.h>

struct rw_semaphore {
	atomic_long_t count;
};

void down_read(struct rw_semaphore *sem);
int down_read_trylock(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

#endif
