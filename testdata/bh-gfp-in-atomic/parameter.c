// Allocation flags as a parameter, through several calls: what the outermost caller passes decides.
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct ring {
	spinlock_t lock;
	struct tasklet_struct refill;
	struct tasklet_struct greedy;
	void *slots[16];
	void *spare;
};

static void *slot_alloc(struct ring *r, gfp_t gfp)
{
	return kmalloc(256, gfp);
}

static int slot_fill(struct ring *r, int index, gfp_t gfp)
{
	r->slots[index] = slot_alloc(r, gfp | __GFP_NOWARN);
	return r->slots[index] ? 0 : -ENOMEM;
}

static int ring_fill(struct ring *r, gfp_t gfp)
{
	int i;

	for (i = 0; i < 16; i++)
		if (slot_fill(r, i, gfp))
			return -ENOMEM;
	return 0;
}

static void refill_task_ok(struct tasklet_struct *t)
{
	struct ring *r = from_tasklet(r, t, refill);

	ring_fill(r, GFP_ATOMIC);
}

int ring_start_ok(struct ring *r)
{
	int ret = ring_fill(r, GFP_KERNEL);

	spin_lock(&r->lock);
	ret |= ring_fill(r, GFP_NOWAIT);
	spin_unlock(&r->lock);
	return ret;
}

/* The same three again, for a caller that is wrong: it chose the flags, so it is the place to look at. */
static void *spare_alloc(struct ring *r, gfp_t gfp)
{
	return kmalloc(256, gfp);
}

static void spare_fill(struct ring *r, gfp_t gfp)
{
	if (!r->spare)
		r->spare = spare_alloc(r, gfp | __GFP_NOWARN);
}

static void spare_prepare(struct ring *r, gfp_t gfp)
{
	spare_fill(r, gfp);
}

static void greedy_task_bad(struct tasklet_struct *t)
{
	struct ring *r = from_tasklet(r, t, greedy);

	spare_prepare(r, GFP_KERNEL); // expect: bh-gfp-in-atomic
}

void spare_prepare_ok(struct ring *r)
{
	spare_prepare(r, GFP_KERNEL);
}

/* The bit is taken out on the way. */
static void *careful_alloc(struct ring *r, gfp_t gfp)
{
	return kmalloc(256, gfp & ~__GFP_DIRECT_RECLAIM);
}

void careful_ok(struct ring *r)
{
	spin_lock(&r->lock);
	r->spare = careful_alloc(r, GFP_KERNEL);
	spin_unlock(&r->lock);
}

/* The bit is put in on the way, which is not the caller's fault. */
static void *careless_alloc(struct ring *r, gfp_t gfp)
{
	return kmalloc(256, gfp | __GFP_DIRECT_RECLAIM); // expect: bh-gfp-in-atomic
}

void careless_bad(struct ring *r)
{
	spin_lock(&r->lock);
	r->spare = careless_alloc(r, GFP_ATOMIC);
	spin_unlock(&r->lock);
}

/* Drops its caller's lock when the flags allow it to wait. */
static void *polite_alloc(struct ring *r, gfp_t gfp)
{
	void *slot;

	if (gfpflags_allow_blocking(gfp))
		spin_unlock(&r->lock);
	slot = kmalloc(256, gfp);
	if (gfpflags_allow_blocking(gfp))
		spin_lock(&r->lock);
	return slot;
}

void polite_ok(struct ring *r)
{
	spin_lock(&r->lock);
	r->spare = polite_alloc(r, GFP_KERNEL);
	kfree(r->spare);
	r->spare = polite_alloc(r, GFP_ATOMIC);
	spin_unlock(&r->lock);
}

void ring_setup(struct ring *r)
{
	tasklet_setup(&r->refill, refill_task_ok);
	tasklet_setup(&r->greedy, greedy_task_bad);
}
