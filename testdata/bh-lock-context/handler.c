// A lock that a hard IRQ handler takes: everybody else must have interrupts off.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>

struct adc {
	spinlock_t lock, quiet, tried;
	rwlock_t table, both;
	int irq, value, irqs_seen;
};

static struct adc *the_adc;

static void adc_note(struct adc *adc)
{
	spin_lock(&adc->lock);
	adc->value++;
	spin_unlock(&adc->lock);
}

static irqreturn_t adc_irq_bad(int irq, void *data)
{
	struct adc *adc = data;

	adc_note(adc);
	if (spin_trylock(&adc->tried))
		spin_unlock(&adc->tried);
	read_lock(&adc->table);
	read_unlock(&adc->table);
	read_lock(&adc->both);
	read_unlock(&adc->both);
	return IRQ_HANDLED;
}

static ssize_t adc_read_bad(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	spin_lock(&the_adc->lock); // expect: bh-lock-context
	the_adc->value = 0;
	spin_unlock(&the_adc->lock);
	spin_lock_bh(&the_adc->lock); // expect: bh-lock-context
	spin_unlock_bh(&the_adc->lock);
	write_lock(&the_adc->table); // expect: bh-lock-context
	write_unlock(&the_adc->table);
	return 0;
}

static void adc_reset_locked_ok(struct adc *adc)
{
	spin_lock(&adc->lock); /* its only caller has interrupts off */
	adc->value = 0;
	spin_unlock(&adc->lock);
}

static ssize_t adc_write_ok(struct file *file, const char __user *buffer, size_t size, loff_t *offset)
{
	unsigned long flags;

	spin_lock_irqsave(&the_adc->lock, flags);
	spin_unlock_irqrestore(&the_adc->lock, flags);
	spin_lock_irq(&the_adc->lock);
	spin_unlock_irq(&the_adc->lock);
	spin_lock(&the_adc->quiet); /* no handler takes it */
	spin_unlock(&the_adc->quiet);
	spin_lock(&the_adc->tried); /* the handler only tries */
	spin_unlock(&the_adc->tried);
	read_lock(&the_adc->both); /* readers do not keep readers out */
	read_unlock(&the_adc->both);
	local_irq_disable();
	adc_reset_locked_ok(the_adc);
	local_irq_enable();
	guard(spinlock_irqsave)(&the_adc->lock);
	return size;
}

static int adc_open_ok(struct inode *inode, struct file *file)
{
	disable_irq(the_adc->irq);
	spin_lock(&the_adc->lock); /* the handler is kept away */
	spin_unlock(&the_adc->lock);
	enable_irq(the_adc->irq);
	return 0;
}

static int adc_flush_guard_bad(struct file *file, fl_owner_t id)
{
	guard(spinlock)(&the_adc->lock); // expect: bh-lock-context
	the_adc->value = 0;
	return 0;
}

static const struct file_operations adc_fops = {
	.open = adc_open_ok,
	.read = adc_read_bad,
	.write = adc_write_ok,
	.flush = adc_flush_guard_bad,
};

static int adc_probe(struct platform_device *pdev)
{
	spin_lock(&the_adc->lock); // may: bh-lock-context medium
	spin_unlock(&the_adc->lock);
	return request_irq(the_adc->irq, adc_irq_bad, 0, "adc", the_adc);
}

static struct platform_driver adc_driver = {
	.probe = adc_probe,
};
module_platform_driver(adc_driver);
