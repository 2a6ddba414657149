/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_UACCESS_H
#define BHLINT_STANDIN_UACCESS_H

#include <linux/kernel.h>

unsigned long __must_check _copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long __must_check _copy_to_user(void __user *to, const void *from, unsigned long n);

static __always_inline unsigned long __must_check copy_from_user(void *to, const void __user *from, unsigned long n)
{
	might_fault();
	return _copy_from_user(to, from, n);
}

static __always_inline unsigned long __must_check copy_to_user(void __user *to, const void *from, unsigned long n)
{
	might_fault();
	return _copy_to_user(to, from, n);
}

int __get_user_4(u32 *value, const void __user *from);
int __put_user_4(u32 value, void __user *to);
#define get_user(x, ptr)			\
({						\
	u32 __value = 0;			\
	int __error;				\
	might_fault();				\
	__error = __get_user_4(&__value, ptr);	\
	(x) = (typeof(x))__value;		\
	__error;				\
})
#define put_user(x, ptr)			\
({						\
	might_fault();				\
	__put_user_4((u32)(x), ptr);		\
})

void pagefault_disable(void);
void pagefault_enable(void);

#endif
