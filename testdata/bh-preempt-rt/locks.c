// Locks and allocations in what is atomic with PREEMPT_RT, too.
// profile: preempt-rt
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct weir {
	raw_spinlock_t raw;
	spinlock_t lock;
	int level;
};

static struct weir *the_weir;

static void weir_mask_bad(struct irq_data *data)
{
	struct weir *weir = irq_data_get_irq_chip_data(data);
	unsigned long flags;

	spin_lock_irqsave(&weir->lock, flags); // expect: bh-preempt-rt
	weir->level = 0;
	spin_unlock_irqrestore(&weir->lock, flags);
}

static void weir_unmask_ok(struct irq_data *data)
{
	struct weir *weir = irq_data_get_irq_chip_data(data);
	unsigned long flags;

	raw_spin_lock_irqsave(&weir->raw, flags);
	weir->level = 1;
	raw_spin_unlock_irqrestore(&weir->raw, flags);
}

static const struct irq_chip weir_chip = {
	.irq_mask = weir_mask_bad,
	.irq_unmask = weir_unmask_ok,
};

int weir_fill_bad(struct weir *weir)
{
	int *levels;

	raw_spin_lock(&weir->raw);
	levels = kmalloc(16, GFP_ATOMIC); // expect: bh-preempt-rt
	raw_spin_unlock(&weir->raw);
	kfree(levels);
	return 0;
}

void weir_save_bad(struct weir *weir)
{
	unsigned long flags;

	local_irq_save(flags);
	spin_lock(&weir->lock); // expect: bh-preempt-rt
	spin_unlock(&weir->lock);
	local_irq_restore(flags);
}

void weir_preempt_bad(struct weir *weir)
{
	preempt_disable();
	spin_lock(&weir->lock); // expect: bh-preempt-rt
	spin_unlock(&weir->lock);
	preempt_enable();
}

// A spinlock_t leaves preemption and interrupts on there.
void weir_nested_ok(struct weir *weir, spinlock_t *other)
{
	unsigned long flags;

	spin_lock_irqsave(&weir->lock, flags);
	spin_lock(other);
	kfree(kmalloc(16, GFP_ATOMIC));
	spin_unlock(other);
	spin_unlock_irqrestore(&weir->lock, flags);
}

// Runs in a thread.
static irqreturn_t weir_irq_ok(int irq, void *data)
{
	struct weir *weir = data;

	spin_lock(&weir->lock);
	spin_unlock(&weir->lock);
	return IRQ_HANDLED;
}

// Does not.
static irqreturn_t weir_hard_bad(int irq, void *data)
{
	struct weir *weir = data;

	spin_lock(&weir->lock); // expect: bh-preempt-rt
	spin_unlock(&weir->lock);
	return IRQ_HANDLED;
}

int weir_open(int irq)
{
	return request_irq(irq, weir_irq_ok, 0, "weir", the_weir) ?:
	       request_irq(irq + 1, weir_hard_bad, IRQF_NO_THREAD, "hard", the_weir);
}
