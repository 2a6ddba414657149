/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#ifndef BHLINT_STANDIN_TTY_H
#define BHLINT_STANDIN_TTY_H

#include <linux/mutex.h>
#include <linux/types.h>

struct tty_port {
	struct mutex mutex;
};

int tty_insert_flip_char(struct tty_port *port, u8 ch, char flag);
void tty_flip_buffer_push(struct tty_port *port);

#endif
