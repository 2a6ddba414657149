/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_KCONFIG_H
#define BHLINT_STANDIN_KCONFIG_H

/* Included on the command line, as Kbuild does it. Nothing is configured, so nothing is enabled. */
#define IS_ENABLED(option) 0

#endif
