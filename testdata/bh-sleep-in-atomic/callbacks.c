// Calls through function pointers: tables of operations, arrays of them, parameters, locals, conditional expressions.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct codec;

/* A table by designated initialiser, called under a lock. */
struct codec_ops {
	void (*reset)(struct codec *c);
	void (*sync)(struct codec *c);
};

struct codec {
	spinlock_t lock;
	const struct codec_ops *ops;
	struct tasklet_struct task;
	struct tasklet_struct chosen;
	struct tasklet_struct polled;
	int polling;
};

static void slow_reset_bad(struct codec *c)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void slow_sync_ok(struct codec *c)
{
	msleep(1);
}

static const struct codec_ops codec_ops = {
	.reset = slow_reset_bad,
	.sync = slow_sync_ok,
};

void codec_init(struct codec *c)
{
	c->ops = &codec_ops;
}

void codec_reset(struct codec *c)
{
	spin_lock(&c->lock);
	c->ops->reset(c);
	spin_unlock(&c->lock);
	c->ops->sync(c);
}

/* A field that is assigned at run time. */
struct bus {
	spinlock_t lock;
	void (*kick)(struct bus *b);
	void (*drain)(struct bus *b);
};

static void bus_kick_bad(struct bus *b)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void bus_drain_ok(struct bus *b)
{
	msleep(1);
}

void bus_init(struct bus *b)
{
	b->kick = bus_kick_bad;
	b->drain = bus_drain_ok;
}

void bus_run(struct bus *b)
{
	spin_lock(&b->lock);
	if (b->kick)
		b->kick(b);
	spin_unlock(&b->lock);
	if (b->drain)
		b->drain(b);
}

/* An array of tables. */
struct step {
	const char *name;
	void (*run)(struct codec *c);
	void (*log)(struct codec *c);
};

static void step_power_bad(struct codec *c)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void step_clock_ok(struct codec *c)
{
	udelay(1);
}

static void step_log_ok(struct codec *c)
{
	msleep(1);
}

static const struct step steps[] = {
	{ .name = "clock", .run = step_clock_ok, .log = step_log_ok },
	{ .name = "power", .run = step_power_bad, .log = step_log_ok },
};

void codec_power_up(struct codec *c)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		spin_lock(&c->lock);
		steps[i].run(c);
		spin_unlock(&c->lock);
		steps[i].log(c);
	}
}

/* An array of functions. */
static void command_stop_bad(struct codec *c)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void command_start_ok(struct codec *c)
{
	udelay(1);
}

static void (*const commands[])(struct codec *c) = { command_start_ok, command_stop_bad };

void codec_command(struct codec *c, int command)
{
	spin_lock(&c->lock);
	commands[command](c);
	spin_unlock(&c->lock);
}

/* A function that is handed down as a parameter. */
static void with_lock(struct codec *c, void (*body)(struct codec *c))
{
	spin_lock(&c->lock);
	body(c);
	spin_unlock(&c->lock);
}

static void without_lock(struct codec *c, void (*body)(struct codec *c))
{
	body(c);
}

static void body_bad(struct codec *c)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void body_ok(struct codec *c)
{
	udelay(1);
}

static void unlocked_body_ok(struct codec *c)
{
	msleep(1);
}

void codec_bodies(struct codec *c)
{
	with_lock(c, body_bad);
	with_lock(c, body_ok);
	without_lock(c, unlocked_body_ok);
}

/* A local that is one of two. */
static void fast_path_ok(struct codec *c)
{
	udelay(1);
}

static void slow_path_bad(struct codec *c)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

void codec_choose(struct codec *c)
{
	void (*path)(struct codec *c) = c->polling ? slow_path_bad : fast_path_ok;

	spin_lock(&c->lock);
	path(c);
	spin_unlock(&c->lock);
}

/* A registration that chooses. */
static void irq_task_ok(struct tasklet_struct *t)
{
	udelay(1);
}

static void poll_task_bad(struct tasklet_struct *t)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

void codec_register(struct codec *c)
{
	tasklet_setup(&c->chosen, c->polling ? poll_task_bad : irq_task_ok);
}

/* A registration that goes through a wrapper of the driver's own. */
static void register_task(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *))
{
	tasklet_setup(t, callback);
}

static void wrapped_task_bad(struct tasklet_struct *t)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

void codec_register_wrapped(struct codec *c)
{
	register_task(&c->task, wrapped_task_bad);
}

/* Nobody can say what is behind this pointer: nothing is claimed about it. */
void codec_unknown_ok(struct codec *c, void (*unknown)(struct codec *c))
{
	spin_lock(&c->lock);
	unknown(c);
	spin_unlock(&c->lock);
}
