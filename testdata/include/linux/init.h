/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_INIT_H
#define BHLINT_STANDIN_INIT_H

#include <linux/compiler.h>

#define __init __section(".init.text")
#define __exit __section(".exit.text") __maybe_unused
#define __initdata __section(".init.data")

#endif
