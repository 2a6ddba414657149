/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_SLAB_H
#define BHLINT_STANDIN_SLAB_H

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/gfp.h>

struct kmem_cache;

void *__kmalloc_noprof(size_t size, gfp_t flags);
void *__kmalloc_cache_noprof(struct kmem_cache *s, gfp_t flags, size_t size);
struct kmem_cache *kmalloc_slab(size_t size);

static __always_inline void *kmalloc_noprof(size_t size, gfp_t flags)
{
	if (__builtin_constant_p(size) && size)
		return __kmalloc_cache_noprof(kmalloc_slab(size), flags, size);
	return __kmalloc_noprof(size, flags);
}
#define kmalloc(...) alloc_hooks(kmalloc_noprof(__VA_ARGS__))

static inline void *kzalloc_noprof(size_t size, gfp_t flags)
{
	return kmalloc_noprof(size, flags | __GFP_ZERO);
}
#define kzalloc(...) alloc_hooks(kzalloc_noprof(__VA_ARGS__))

static inline void *kmalloc_array_noprof(size_t n, size_t size, gfp_t flags)
{
	if (size != 0 && n > ~(size_t)0 / size)
		return NULL;
	return kmalloc_noprof(n * size, flags);
}
#define kmalloc_array(...) alloc_hooks(kmalloc_array_noprof(__VA_ARGS__))
#define kcalloc(n, size, flags) kmalloc_array(n, size, (flags) | __GFP_ZERO)

void *kmem_cache_alloc_noprof(struct kmem_cache *s, gfp_t flags);
#define kmem_cache_alloc(...) alloc_hooks(kmem_cache_alloc_noprof(__VA_ARGS__))
void kmem_cache_free(struct kmem_cache *s, void *objp);
void kfree(const void *objp);

DEFINE_FREE(kfree, void *, if (!IS_ERR(_T) && _T) kfree(_T))

#endif
