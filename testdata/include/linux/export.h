/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_EXPORT_H
#define BHLINT_STANDIN_EXPORT_H

#include <linux/compiler.h>

/* As in the kernel, the name of an exported symbol is left in a section of its own. */
#define EXPORT_SYMBOL_GPL(sym) \
	static const char __export_##sym[] __maybe_unused __section(".export_symbol") = #sym
#define EXPORT_SYMBOL(sym) EXPORT_SYMBOL_GPL(sym)

#endif
