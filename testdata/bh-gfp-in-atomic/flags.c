// Which allocation flags may reclaim: decided by one bit, whatever else is set.
#include <linux/device.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/usb.h>

struct pool {
	spinlock_t lock;
	struct kmem_cache *cache;
	struct device *dev;
	struct urb *urb;
	struct sk_buff *skb;
	unsigned long page;
	void *item;
};

void kernel_bad(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kmalloc(64, GFP_KERNEL); // expect: bh-gfp-in-atomic
	spin_unlock(&p->lock);
}

void atomic_ok(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kmalloc(64, GFP_ATOMIC);
	spin_unlock(&p->lock);
}

void atomic_dma_ok(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kzalloc(64, GFP_ATOMIC | GFP_DMA);
	spin_unlock(&p->lock);
}

void nowait_ok(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kzalloc(64, GFP_NOWAIT | __GFP_NOWARN);
	spin_unlock(&p->lock);
}

void kernel_without_reclaim_ok(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kmalloc(64, GFP_KERNEL & ~__GFP_DIRECT_RECLAIM);
	spin_unlock(&p->lock);
}

/* NOIO and NOFS reclaim as well, only not through everything. */
void noio_bad(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kmalloc(64, GFP_NOIO); // expect: bh-gfp-in-atomic
	spin_unlock(&p->lock);
}

void nofs_bad(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kmalloc(64, GFP_NOFS); // expect: bh-gfp-in-atomic
	spin_unlock(&p->lock);
}

/* Only the other half of __GFP_RECLAIM is taken away. */
void kernel_without_kswapd_bad(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kmalloc(64, GFP_KERNEL & ~__GFP_KSWAPD_RECLAIM); // expect: bh-gfp-in-atomic
	spin_unlock(&p->lock);
}

void atomic_with_reclaim_bad(struct pool *p)
{
	spin_lock(&p->lock);
	p->item = kmalloc(64, GFP_ATOMIC | __GFP_DIRECT_RECLAIM); // expect: bh-gfp-in-atomic
	spin_unlock(&p->lock);
}

/* Every allocator that takes such flags, wherever they stand among its arguments. */
int allocators_bad(struct pool *p)
{
	int ret;

	spin_lock(&p->lock);
	p->item = kzalloc(sizeof(*p), GFP_KERNEL); // expect: bh-gfp-in-atomic
	p->item = kcalloc(4, 8, GFP_KERNEL); // expect: bh-gfp-in-atomic
	p->item = kmem_cache_alloc(p->cache, GFP_KERNEL); // expect: bh-gfp-in-atomic
	p->page = __get_free_page(GFP_KERNEL); // expect: bh-gfp-in-atomic
	p->item = devm_kzalloc(p->dev, 64, GFP_KERNEL); // expect: bh-gfp-in-atomic
	p->skb = alloc_skb(64, GFP_KERNEL); // expect: bh-gfp-in-atomic
	p->urb = usb_alloc_urb(0, GFP_KERNEL); // expect: bh-gfp-in-atomic
	ret = usb_submit_urb(p->urb, GFP_KERNEL); // expect: bh-gfp-in-atomic
	spin_unlock(&p->lock);
	return ret;
}

int allocators_ok(struct pool *p)
{
	int ret;

	spin_lock(&p->lock);
	p->item = kzalloc(sizeof(*p), GFP_ATOMIC);
	p->item = kcalloc(4, 8, GFP_ATOMIC);
	p->item = kmem_cache_alloc(p->cache, GFP_NOWAIT);
	p->page = __get_free_page(GFP_ATOMIC);
	p->item = devm_kzalloc(p->dev, 64, GFP_ATOMIC);
	p->skb = alloc_skb(64, GFP_ATOMIC);
	p->urb = usb_alloc_urb(0, GFP_ATOMIC);
	ret = usb_submit_urb(p->urb, GFP_ATOMIC);
	kfree(p->item);
	spin_unlock(&p->lock);
	p->item = kmalloc(64, GFP_KERNEL);
	return ret;
}
