/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_GFP_H
#define BHLINT_STANDIN_GFP_H

#include <linux/gfp_types.h>

struct page;

static inline bool gfpflags_allow_blocking(const gfp_t gfp_flags)
{
	return !!(gfp_flags & __GFP_DIRECT_RECLAIM);
}

/* Memory allocation profiling, as alloc_hooks() has it: the function proper ends in _noprof. */
struct alloc_tag;
struct alloc_tag *alloc_tag_save(void);
void alloc_tag_restore(struct alloc_tag *old);
#define alloc_hooks(_do_alloc)					\
({								\
	struct alloc_tag *__old = alloc_tag_save();		\
	typeof(_do_alloc) __result = _do_alloc;			\
	alloc_tag_restore(__old);				\
	__result;						\
})

unsigned long get_free_pages_noprof(gfp_t gfp_mask, unsigned int order);
#define __get_free_pages(...) alloc_hooks(get_free_pages_noprof(__VA_ARGS__))
#define __get_free_page(gfp_mask) __get_free_pages((gfp_mask), 0)
struct page *alloc_pages_noprof(gfp_t gfp, unsigned int order);
#define alloc_pages(...) alloc_hooks(alloc_pages_noprof(__VA_ARGS__))
void free_pages(unsigned long addr, unsigned int order);

#endif
