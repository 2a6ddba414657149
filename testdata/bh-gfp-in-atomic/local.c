// Allocation flags in a local that is chosen by a flag or by a test of the context.
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct table {
	spinlock_t lock;
	struct mutex slow;
	struct tasklet_struct grow;
	int irq;
	void *rows;
};

/* Chosen by the same flag that decides about the lock. */
void same_flag_ok(struct table *t, bool atomic)
{
	gfp_t gfp = atomic ? GFP_ATOMIC : GFP_KERNEL;

	if (atomic)
		spin_lock(&t->lock);
	t->rows = kmalloc(512, gfp);
	if (atomic)
		spin_unlock(&t->lock);
}

void same_flag_inverted_bad(struct table *t, bool atomic)
{
	gfp_t gfp = atomic ? GFP_KERNEL : GFP_ATOMIC;

	if (atomic)
		spin_lock(&t->lock);
	t->rows = kmalloc(512, gfp); // expect: bh-gfp-in-atomic
	if (atomic)
		spin_unlock(&t->lock);
}

void assigned_in_branches_ok(struct table *t, int locked)
{
	gfp_t gfp = GFP_KERNEL;

	if (locked) {
		spin_lock(&t->lock);
		gfp = GFP_ATOMIC;
	}
	t->rows = kmalloc(512, gfp);
	if (locked)
		spin_unlock(&t->lock);
}

void assigned_too_early_bad(struct table *t, int locked)
{
	gfp_t gfp = GFP_ATOMIC;

	if (locked) {
		spin_lock(&t->lock);
		gfp = GFP_KERNEL;
	}
	t->rows = kmalloc(512, gfp); // expect: bh-gfp-in-atomic
	if (locked)
		spin_unlock(&t->lock);
}

/* Chosen by in_interrupt(): right for interrupts... */
static void grow(struct table *t)
{
	gfp_t gfp = in_interrupt() ? GFP_ATOMIC : GFP_KERNEL;

	t->rows = kmalloc(512, gfp);
}

static void grow_task_ok(struct tasklet_struct *task)
{
	struct table *t = from_tasklet(t, task, grow);

	grow(t);
}

static irqreturn_t grow_irq_ok(int irq, void *data)
{
	grow(data);
	return IRQ_HANDLED;
}

void grow_ok(struct table *t)
{
	grow(t);
}

/* ...and wrong for a task that holds a spinlock. */
static void grow_trapped(struct table *t)
{
	gfp_t gfp = in_interrupt() ? GFP_ATOMIC : GFP_KERNEL;

	t->rows = kmalloc(512, gfp); // expect: bh-gfp-in-atomic
}

void grow_under_spinlock_bad(struct table *t)
{
	spin_lock(&t->lock);
	grow_trapped(t);
	spin_unlock(&t->lock);
}

/* The flags decide what else is done. */
static int resize(struct table *t, gfp_t gfp)
{
	if (!gfpflags_allow_blocking(gfp))
		return mutex_trylock(&t->slow) ? 0 : -EBUSY;
	mutex_lock(&t->slow);
	return 0;
}

int resize_ok(struct table *t)
{
	int ret;

	spin_lock(&t->lock);
	ret = resize(t, GFP_NOWAIT);
	spin_unlock(&t->lock);
	return ret;
}

static int resize_wrongly(struct table *t, gfp_t gfp)
{
	if (!gfpflags_allow_blocking(gfp))
		return mutex_trylock(&t->slow) ? 0 : -EBUSY;
	mutex_lock(&t->slow); // expect: bh-mutex-in-atomic
	return 0;
}

int resize_bad(struct table *t)
{
	int ret;

	spin_lock(&t->lock);
	ret = resize_wrongly(t, GFP_KERNEL);
	spin_unlock(&t->lock);
	return ret;
}

int table_setup(struct table *t)
{
	tasklet_setup(&t->grow, grow_task_ok);
	return request_irq(t->irq, grow_irq_ok, 0, "table", t);
}
