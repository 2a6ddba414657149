#include "driver/cli/allocator.h"

#if BHLINT_HAS_MIMALLOC
#include <mimalloc.h>
#endif

namespace bhlint {

// A fourth of all page faults are for pages that were given back a moment ago.
void keepFreedMemory() {
#if !BHLINT_HAS_MIMALLOC
#elif MI_MALLOC_VERSION < 210
  mi_option_set_default(mi_option_allow_decommit, 0);
#else
  mi_option_set_default(mi_option_purge_delay, -1);
#endif
}

} // namespace bhlint
