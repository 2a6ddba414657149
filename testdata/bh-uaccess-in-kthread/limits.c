// One function for a process and for a work item, and what the rule does not follow.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

struct disk {
	struct work_struct work, lazy;
	struct mm_struct *mm;
	void (*flush)(struct disk *disk);
	void __user *buffer;
	int flags, error;
	char data[16];
};

/* what decides may say whose call it is */
static void disk_copy(struct disk *disk)
{
	if (disk->flags & 1)
		if (copy_to_user(disk->buffer, disk->data, 16)) // expect: bh-uaccess-in-kthread medium
			disk->error = -EFAULT;
}

static void disk_sync(struct disk *disk)
{
	if (disk->flags & 2)
		disk_copy(disk);
}

static void disk_work(struct work_struct *work)
{
	struct disk *disk = container_of(work, struct disk, work);

	if (disk->flags & 4)
		disk_sync(disk);
}

static void fn_disk_flush(struct disk *disk)
{
	disk->error = copy_to_user(disk->buffer, disk->data, 16) ? -EFAULT : 0; /* missed: called through a pointer */
}

/* Missed: what comes before the user is borrowed. */
static void fn_disk_lazy(struct work_struct *work)
{
	struct disk *disk = container_of(work, struct disk, lazy);

	disk->error = copy_to_user(disk->buffer, disk->data, 16) ? -EFAULT : 0;
	kthread_use_mm(disk->mm);
	disk->flush(disk);
	kthread_unuse_mm(disk->mm);
}

static ssize_t disk_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	disk_sync(file->private_data);
	return 0;
}

static const struct file_operations disk_fops = {
	.read = disk_read,
};

void disk_setup(struct disk *disk)
{
	disk->flush = fn_disk_flush;
	INIT_WORK(&disk->work, disk_work);
	INIT_WORK(&disk->lazy, fn_disk_lazy);
}
