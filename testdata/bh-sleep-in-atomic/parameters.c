// Functions whose parameter says whether they may sleep.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>

struct flash {
	spinlock_t lock;
	struct tasklet_struct honest;
	struct tasklet_struct wrong;
	struct tasklet_struct inverted;
	int busy;
};

static void wait_ready(struct flash *f, bool can_sleep)
{
	while (f->busy) {
		if (can_sleep)
			usleep_range(10, 20);
		else
			udelay(10);
	}
}

static void honest_task_ok(struct tasklet_struct *t)
{
	struct flash *f = from_tasklet(f, t, honest);

	wait_ready(f, false);
}

void erase_ok(struct flash *f)
{
	wait_ready(f, true);
	spin_lock(&f->lock);
	wait_ready(f, false);
	spin_unlock(&f->lock);
}

/* The same helper again, for a caller that is wrong. */
static void wait_written(struct flash *f, bool can_sleep)
{
	while (f->busy) {
		if (can_sleep)
			usleep_range(10, 20); // expect: bh-sleep-in-atomic
		else
			udelay(10);
	}
}

static void wrong_task_bad(struct tasklet_struct *t)
{
	struct flash *f = from_tasklet(f, t, wrong);

	wait_written(f, true);
}

/* The parameter is handed on, and turned around on the way. */
static void wait_erased(struct flash *f, int flags)
{
	if (!(flags & 1))
		msleep(1); // expect: bh-sleep-in-atomic
}

static void wait_all(struct flash *f, bool atomic)
{
	wait_erased(f, atomic ? 1 : 0);
}

void wait_all_ok(struct flash *f)
{
	wait_all(f, false);
	spin_lock(&f->lock);
	wait_all(f, true);
	spin_unlock(&f->lock);
}

void wait_all_bad(struct flash *f)
{
	spin_lock(&f->lock);
	wait_all(f, false);
	spin_unlock(&f->lock);
}

/* A mask of flags; the caller sets other bits too. */
#define FLASH_VERIFY 1
#define FLASH_ATOMIC 2

static void program_page(struct flash *f, unsigned int flags)
{
	if (flags & FLASH_ATOMIC) {
		udelay(100);
		return;
	}
	msleep(1);
}

static void inverted_task_ok(struct tasklet_struct *t)
{
	struct flash *f = from_tasklet(f, t, inverted);

	program_page(f, FLASH_VERIFY | FLASH_ATOMIC);
}

void program_ok(struct flash *f)
{
	program_page(f, FLASH_VERIFY);
}

/* What an event is compared with stands last in a condition, in the value of one, or on the other side of a return. */
enum flash_event { FLASH_START = 1, FLASH_UPDATE, FLASH_STOP };

static void send_event(struct flash *f, enum flash_event event)
{
	if (f->wrong.data || event == FLASH_STOP)
		udelay(1);
	if (f->honest.data && event == FLASH_START)
		msleep(1);
	if (unlikely(event == FLASH_STOP || event == FLASH_START))
		msleep(2);
}

static void handle_event(struct flash *f, enum flash_event event)
{
	if (event == FLASH_UPDATE)
		return;
	msleep(3);
}

void events_ok(struct flash *f)
{
	spin_lock(&f->lock);
	send_event(f, FLASH_UPDATE);
	handle_event(f, FLASH_UPDATE);
	spin_unlock(&f->lock);
}

void other_events_ok(struct flash *f)
{
	send_event(f, FLASH_STOP);
	handle_event(f, FLASH_STOP);
}

static void report_event(struct flash *f, enum flash_event event)
{
	if (f->honest.data && event == FLASH_START)
		msleep(4); // expect: bh-sleep-in-atomic
	if (event == FLASH_UPDATE)
		return;
	msleep(5); // expect: bh-sleep-in-atomic
}

void events_bad(struct flash *f)
{
	spin_lock(&f->lock);
	report_event(f, FLASH_START);
	spin_unlock(&f->lock);
}

/*
 * Known false alarm: fsleep() sleeps only for more than 10 us, and summaries hold bits and equality of parameters, not
 * their order.
 */
void fp_short_delay(struct flash *f)
{
	spin_lock(&f->lock);
	fsleep(5); // expect: bh-sleep-in-atomic
	spin_unlock(&f->lock);
}

void flash_setup(struct flash *f)
{
	tasklet_setup(&f->honest, honest_task_ok);
	tasklet_setup(&f->wrong, wrong_task_bad);
	tasklet_setup(&f->inverted, inverted_task_ok);
}
