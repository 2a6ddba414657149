/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_ATOMIC_H
#define BHLINT_STANDIN_ATOMIC_H

#include <linux/types.h>

int atomic_read(const atomic_t *v);
void atomic_set(atomic_t *v, int i);
void atomic_inc(atomic_t *v);
bool atomic_dec_and_test(atomic_t *v);

#endif
