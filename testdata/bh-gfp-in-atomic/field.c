// Allocation flags that are kept in a structure: who knows what is in there. No certain claim is made.
#include <linux/slab.h>
#include <linux/spinlock.h>

struct request {
	spinlock_t lock;
	gfp_t gfp;
	void *data;
};

void field_ok(struct request *r)
{
	spin_lock(&r->lock);
	r->data = kmalloc(32, r->gfp); // may: bh-gfp-in-atomic medium
	spin_unlock(&r->lock);
}

/* Extra bits that reclaim make it certain whatever is in the field. */
void field_with_reclaim_bad(struct request *r)
{
	spin_lock(&r->lock);
	r->data = kmalloc(32, r->gfp | GFP_KERNEL); // expect: bh-gfp-in-atomic
	spin_unlock(&r->lock);
}

/* And taking the bit out makes it certain as well. */
void field_without_reclaim_ok(struct request *r)
{
	spin_lock(&r->lock);
	r->data = kmalloc(32, r->gfp & ~__GFP_DIRECT_RECLAIM);
	spin_unlock(&r->lock);
}
