// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/interrupt.h>
#include <linux/module.h>

struct elements {
	struct tasklet_struct tasks[4];
	int counts[4];
};

static struct elements *elements;

static void elements_task(unsigned long i)
{
	elements->counts[i]++;
}

void elements_probe(void)
{
	int i;

	for (i = 0; i < 4; i++)
		tasklet_init(&elements->tasks[i], elements_task, i);
}
