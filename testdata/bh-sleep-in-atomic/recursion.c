// Recursion and mutual recursion must end, and lose nothing.
#include <linux/delay.h>
#include <linux/spinlock.h>

struct tree {
	spinlock_t lock;
	struct tree *left;
	struct tree *right;
	int dirty;
};

static void write_back(struct tree *t)
{
	if (!t)
		return;
	write_back(t->left);
	if (t->dirty)
		msleep(1); // expect: bh-sleep-in-atomic
	write_back(t->right);
}

void recursion_bad(struct tree *t)
{
	spin_lock(&t->lock);
	write_back(t);
	spin_unlock(&t->lock);
}

static int count_dirty(struct tree *t)
{
	if (!t)
		return 0;
	return t->dirty + count_dirty(t->left) + count_dirty(t->right);
}

int recursion_ok(struct tree *t)
{
	int count;

	spin_lock(&t->lock);
	count = count_dirty(t);
	spin_unlock(&t->lock);
	msleep(count);
	return count;
}

static void odd(struct tree *t, int depth);

static void even(struct tree *t, int depth)
{
	if (depth)
		odd(t->left, depth - 1);
	else
		msleep(1); // expect: bh-sleep-in-atomic
}

static void odd(struct tree *t, int depth)
{
	if (depth)
		even(t->right, depth - 1);
}

void mutual_recursion_bad(struct tree *t)
{
	spin_lock(&t->lock);
	odd(t, 9);
	spin_unlock(&t->lock);
}

/* Takes the lock on the way down and drops it on the way up. */
static void locked_walk(struct tree *t, int depth)
{
	if (!depth)
		return;
	spin_lock(&t->lock);
	t->dirty = 0;
	spin_unlock(&t->lock);
	locked_walk(t->left, depth - 1);
}

void balanced_recursion_ok(struct tree *t)
{
	locked_walk(t, 3);
	msleep(1);
}
