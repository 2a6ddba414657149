// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "heron.h"

void heron_notify(struct heron *heron, gfp_t flags)
{
	int *table = kmalloc(8, flags);

	if (table)
		heron->table = table;
}

int heron_send(struct heron *heron, gfp_t flags)
{
	int *table = kmalloc(8, flags);

	if (!table)
		return -ENOMEM;
	heron->table = table;
	return 0;
}
