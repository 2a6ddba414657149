/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_STDDEF_H
#define BHLINT_STANDIN_STDDEF_H

#include <linux/types.h>

#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(ptr, type, member)					\
({									\
	void *__member = (void *)(ptr);					\
	(type *)(__member - offsetof(type, member));			\
})

#endif
