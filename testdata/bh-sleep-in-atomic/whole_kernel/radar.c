// module: radar
// Where the whole kernel is here, all calls of a function that is not exported are known, and all that is stored in a
// field of its structs.
#include "radar.h"

#include <linux/delay.h>

/* No caller has a log. */
static void write_log_ok(const char *log)
{
	if (log)
		msleep(1);
}

void radar_turn_ok(struct radar *r, int times, const char *log)
{
	spin_lock(&r->lock);
	r->speed = times;
	write_log_ok(log);
	spin_unlock(&r->lock);
}

/* All say that there is nothing to wait for, also itself. */
void radar_sweep_ok(struct radar *r, int times, int settle)
{
	spin_lock(&r->lock);
	if (settle)
		msleep(2);
	spin_unlock(&r->lock);
	if (times)
		radar_sweep_ok(r, times - 1, settle);
}

/* One of two callers wants it. */
void radar_stop_bad(struct radar *r, int settle)
{
	spin_lock(&r->lock);
	if (settle)
		msleep(2); // expect: bh-sleep-in-atomic
	spin_unlock(&r->lock);
}

void radar_post(struct radar *r, enum radar_event event)
{
	r->event = event;
}

static void radar_halt(struct radar *r)
{
	msleep(3); // expect: bh-sleep-in-atomic medium
}

/* Nobody posts RADAR_HALT: of medium confidence, since what is copied into an object is not seen. */
static void radar_handle_bad(struct radar *r)
{
	spin_lock(&r->lock);
	switch (r->event) {
	case RADAR_HALT:
		radar_halt(r);
		break;
	case RADAR_TURN:
		msleep(4); // expect: bh-sleep-in-atomic
		break;
	default:
		break;
	}
	spin_unlock(&r->lock);
}

/* Neither exported nor called. */
void radar_reset(struct radar *r)
{
	spin_lock(&r->lock);
	msleep(5); // expect: bh-sleep-in-atomic medium
	spin_unlock(&r->lock);
}

static void radar_start(struct radar *r, int times)
{
	radar_turn_ok(r, times, NULL);
	radar_sweep_ok(r, times, 0);
	radar_stop_bad(r, 0);
	radar_stop_bad(r, 1);
	radar_post(r, RADAR_TURN);
}

const struct radar_ops radar_ops = {
	.turn = radar_start,
	.handle = radar_handle_bad,
};
