// Conditional locking: the state of the lock is tied to the condition and must not be merged where the paths meet.
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct port {
	spinlock_t lock;
	struct mutex config;
	int mode;
	int error;
};

int read_register(struct port *p);

void lock_if_then_unlock_if_ok(struct port *p, bool locked)
{
	if (locked)
		spin_lock(&p->lock);
	p->mode++;
	if (locked)
		spin_unlock(&p->lock);
	mutex_lock(&p->config);
	mutex_unlock(&p->config);
}

void sleeps_only_unlocked_ok(struct port *p, bool locked)
{
	if (locked)
		spin_lock(&p->lock);
	if (!locked) {
		mutex_lock(&p->config);
		mutex_unlock(&p->config);
	}
	if (locked)
		spin_unlock(&p->lock);
}

void sleeps_only_locked_bad(struct port *p, bool locked)
{
	if (locked)
		spin_lock(&p->lock);
	if (locked) {
		mutex_lock(&p->config); // expect: bh-mutex-in-atomic
		mutex_unlock(&p->config);
	}
	if (locked)
		spin_unlock(&p->lock);
}

void sleeps_before_unlock_bad(struct port *p, bool locked)
{
	if (locked)
		spin_lock(&p->lock);
	mutex_lock(&p->config); // expect: bh-mutex-in-atomic
	mutex_unlock(&p->config);
	if (locked)
		spin_unlock(&p->lock);
}

/* The test is of the same local both times; it is not written between the two. */
void local_condition_ok(struct port *p)
{
	int busy = read_register(p);

	if (busy > 2)
		spin_lock(&p->lock);
	p->mode++;
	if (busy > 2)
		spin_unlock(&p->lock);
	mutex_lock(&p->config);
	mutex_unlock(&p->config);
}

/* It is written between the two, so the second test says nothing about the lock. */
void condition_changed_bad(struct port *p)
{
	int busy = read_register(p);

	if (busy)
		spin_lock(&p->lock);
	busy = 0;
	if (busy)
		spin_unlock(&p->lock);
	mutex_lock(&p->config); // expect: bh-mutex-in-atomic
	mutex_unlock(&p->config);
}

int early_return_ok(struct port *p)
{
	spin_lock(&p->lock);
	if (p->error) {
		spin_unlock(&p->lock);
		return -EIO;
	}
	p->mode++;
	spin_unlock(&p->lock);
	mutex_lock(&p->config);
	mutex_unlock(&p->config);
	return 0;
}

int early_return_bad(struct port *p)
{
	spin_lock(&p->lock);
	if (p->error) {
		mutex_lock(&p->config); // expect: bh-mutex-in-atomic
		mutex_unlock(&p->config);
		spin_unlock(&p->lock);
		return -EIO;
	}
	spin_unlock(&p->lock);
	return 0;
}

int goto_unwinding_ok(struct port *p)
{
	int ret = 0;

	mutex_lock(&p->config);
	spin_lock(&p->lock);
	if (p->error) {
		ret = -EIO;
		goto unlock;
	}
	p->mode++;
unlock:
	spin_unlock(&p->lock);
	mutex_unlock(&p->config);
	return ret;
}

int goto_unwinding_bad(struct port *p)
{
	int ret = 0;

	spin_lock(&p->lock);
	if (p->error) {
		ret = -EIO;
		goto log;
	}
	p->mode++;
	spin_unlock(&p->lock);
	return 0;
log:
	mutex_lock(&p->config); // expect: bh-mutex-in-atomic
	p->error = 0;
	mutex_unlock(&p->config);
	spin_unlock(&p->lock);
	return ret;
}

void loop_ok(struct port *p, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		spin_lock(&p->lock);
		if (p->error) {
			spin_unlock(&p->lock);
			break;
		}
		if (p->mode) {
			spin_unlock(&p->lock);
			continue;
		}
		p->mode = i;
		spin_unlock(&p->lock);
	}
	mutex_lock(&p->config);
	mutex_unlock(&p->config);
}

/* The `continue` forgets the lock, so the next turn of the loop sleeps with it held. */
void loop_bad(struct port *p, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		mutex_lock(&p->config); // expect: bh-mutex-in-atomic
		mutex_unlock(&p->config);
		spin_lock(&p->lock);
		if (p->error)
			continue;
		p->mode = i;
		spin_unlock(&p->lock);
	}
}

void switch_ok(struct port *p, int command)
{
	switch (command) {
	case 0:
		spin_lock(&p->lock);
		p->mode = 0;
		spin_unlock(&p->lock);
		break;
	case 1:
		spin_lock(&p->lock);
		p->mode = 1;
		spin_unlock(&p->lock);
		fallthrough;
	default:
		mutex_lock(&p->config);
		mutex_unlock(&p->config);
	}
	mutex_lock(&p->config);
	mutex_unlock(&p->config);
}

void switch_bad(struct port *p, int command)
{
	switch (command) {
	case 1:
		spin_lock(&p->lock);
		p->mode = 1;
		fallthrough;
	case 2:
		mutex_lock(&p->config); // expect: bh-mutex-in-atomic
		mutex_unlock(&p->config);
		break;
	default:
		return;
	}
	if (command == 1)
		spin_unlock(&p->lock);
}

/* Two tests that exclude each other. */
void excluded_modes_ok(struct port *p, int mode)
{
	if (mode == 1)
		spin_lock(&p->lock);
	p->error = 0;
	if (mode == 2) {
		mutex_lock(&p->config);
		mutex_unlock(&p->config);
	}
	if (mode == 1)
		spin_unlock(&p->lock);
}

/* A field chooses between a lock that sleeps and one that does not: who set it knew who would come. */
struct shared_port {
	struct port port;
	int flags;
};

static void send_command(struct shared_port *p)
{
	if (p->flags & 1)
		spin_lock(&p->port.lock);
	else
		mutex_lock(&p->port.config); // expect: bh-mutex-in-atomic medium
	p->port.mode++;
	if (p->flags & 1)
		spin_unlock(&p->port.lock);
	else
		mutex_unlock(&p->port.config);
}

void chosen_by_a_field(struct shared_port *p, spinlock_t *outer)
{
	spin_lock(outer);
	send_command(p);
	spin_unlock(outer);
}
