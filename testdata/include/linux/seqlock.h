/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_SEQLOCK_H
#define BHLINT_STANDIN_SEQLOCK_H

#include <linux/spinlock.h>

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;

static inline void write_seqlock(seqlock_t *sl)
{
	spin_lock(&sl->lock);
	sl->seqcount.sequence++;
}

static inline void write_sequnlock(seqlock_t *sl)
{
	sl->seqcount.sequence++;
	spin_unlock(&sl->lock);
}

static inline unsigned int read_seqbegin(const seqlock_t *sl)
{
	return READ_ONCE(sl->seqcount.sequence) & ~1u;
}

static inline unsigned int read_seqretry(const seqlock_t *sl, unsigned int start)
{
	return READ_ONCE(sl->seqcount.sequence) != start;
}

#endif
