// User memory in work items, threads of interrupts and kernel threads; and where there is a user.
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

struct tape {
	struct work_struct work, lent, told;
	struct mm_struct *mm;
	void __user *buffer;
	int irq, error;
	char data[16];
};

static void tape_give(struct tape *tape)
{
	if (copy_to_user(tape->buffer, tape->data, sizeof(tape->data))) // expect: bh-uaccess-in-kthread
		tape->error = -EFAULT;
}

static void tape_work_bad(struct work_struct *work)
{
	tape_give(container_of(work, struct tape, work));
}

static irqreturn_t tape_thread_bad(int irq, void *data)
{
	struct tape *tape = data;

	tape->error = put_user(irq, (u32 __user *)tape->buffer); // expect: bh-uaccess-in-kthread
	return IRQ_HANDLED;
}

static int tape_thread_fn_bad(void *data)
{
	struct tape *tape = data;

	return copy_from_user(tape->data, tape->buffer, sizeof(tape->data)) ? -EFAULT : 0; // expect: bh-uaccess-in-kthread
}

/* it has borrowed a user */
static void tape_lent_ok(struct work_struct *work)
{
	struct tape *tape = container_of(work, struct tape, lent);

	kthread_use_mm(tape->mm);
	tape->error = copy_to_user(tape->buffer, tape->data, sizeof(tape->data)) ? -EFAULT : 0;
	kthread_unuse_mm(tape->mm);
}

static ssize_t tape_read_ok(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	struct tape *tape = file->private_data;

	return copy_to_user(buffer, tape->data, sizeof(tape->data)) ? -EFAULT : 0;
}

static const struct file_operations tape_fops = {
	.read = tape_read_ok,
};

int tape_setup(struct tape *tape)
{
	INIT_WORK(&tape->work, tape_work_bad);
	INIT_WORK(&tape->lent, tape_lent_ok);
	if (IS_ERR(kthread_run(tape_thread_fn_bad, tape, "tape")))
		return -ENOMEM;
	return request_threaded_irq(tape->irq, NULL, tape_thread_bad, IRQF_ONESHOT, "tape", tape);
}
