// Lock and unlock wrappers, functions that return with a lock held, and ones that hold it only when they return 0.
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct hw {
	spinlock_t lock;
	unsigned long flags;
	struct mutex slow;
	int dead;
};

static void hw_lock(struct hw *hw)
{
	spin_lock(&hw->lock);
}

static void hw_unlock(struct hw *hw)
{
	spin_unlock(&hw->lock);
}

#define hw_lock_saved(hw) spin_lock_irqsave(&(hw)->lock, (hw)->flags)
#define hw_unlock_saved(hw) spin_unlock_irqrestore(&(hw)->lock, (hw)->flags)

void wrapper_ok(struct hw *hw)
{
	hw_lock(hw);
	hw->dead = 0;
	hw_unlock(hw);
	mutex_lock(&hw->slow);
	mutex_unlock(&hw->slow);
}

void wrapper_bad(struct hw *hw)
{
	hw_lock(hw);
	mutex_lock(&hw->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&hw->slow);
	hw_unlock(hw);
}

void macro_wrapper_ok(struct hw *hw)
{
	hw_lock_saved(hw);
	hw->dead = 0;
	hw_unlock_saved(hw);
	mutex_lock(&hw->slow);
	mutex_unlock(&hw->slow);
}

void macro_wrapper_bad(struct hw *hw)
{
	hw_lock_saved(hw);
	mutex_lock(&hw->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&hw->slow);
	hw_unlock_saved(hw);
}

/* Returns with the lock held, and a pointer. */
static struct hw *hw_get_locked(struct hw *table, int index)
{
	struct hw *hw = &table[index];

	hw_lock(hw);
	return hw;
}

void returns_locked_ok(struct hw *table)
{
	struct hw *hw = hw_get_locked(table, 1);

	hw->dead = 1;
	hw_unlock(hw);
	mutex_lock(&hw->slow);
	mutex_unlock(&hw->slow);
}

void returns_locked_bad(struct hw *table)
{
	struct hw *hw = hw_get_locked(table, 1);

	mutex_lock(&hw->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&hw->slow);
	hw_unlock(hw);
}

/* Holds the lock only when it returns 0. */
static int hw_begin(struct hw *hw)
{
	spin_lock(&hw->lock);
	if (hw->dead) {
		spin_unlock(&hw->lock);
		return -EIO;
	}
	return 0;
}

void holds_on_success_ok(struct hw *hw)
{
	if (hw_begin(hw)) {
		mutex_lock(&hw->slow);
		mutex_unlock(&hw->slow);
		return;
	}
	hw->dead = 1;
	spin_unlock(&hw->lock);
}

void holds_on_success_bad(struct hw *hw)
{
	int ret = hw_begin(hw);

	if (ret)
		return;
	mutex_lock(&hw->slow); // expect: bh-mutex-in-atomic
	mutex_unlock(&hw->slow);
	spin_unlock(&hw->lock);
}

/* Through one more level, and the result through a local. */
static int hw_begin_checked(struct hw *hw)
{
	int ret;

	ret = hw_begin(hw);
	if (ret)
		pr_err("dead\n");
	return ret;
}

int holds_on_success_twice_removed_ok(struct hw *hw)
{
	int ret = hw_begin_checked(hw);

	if (ret < 0) {
		mutex_lock(&hw->slow);
		mutex_unlock(&hw->slow);
		return ret;
	}
	spin_unlock(&hw->lock);
	return 0;
}

int holds_on_success_twice_removed_bad(struct hw *hw)
{
	int ret = hw_begin_checked(hw);

	if (!ret) {
		mutex_lock(&hw->slow); // expect: bh-mutex-in-atomic
		mutex_unlock(&hw->slow);
		spin_unlock(&hw->lock);
	}
	return ret;
}

/* Returns true when it holds the lock. */
static bool hw_try_begin(struct hw *hw)
{
	if (hw->dead)
		return false;
	hw_lock(hw);
	return true;
}

void holds_when_true_ok(struct hw *hw)
{
	if (!hw_try_begin(hw)) {
		mutex_lock(&hw->slow);
		mutex_unlock(&hw->slow);
		return;
	}
	hw_unlock(hw);
	mutex_lock(&hw->slow);
	mutex_unlock(&hw->slow);
}

void holds_when_true_bad(struct hw *hw)
{
	if (hw_try_begin(hw)) {
		mutex_lock(&hw->slow); // expect: bh-mutex-in-atomic
		mutex_unlock(&hw->slow);
		hw_unlock(hw);
	}
}
