// SPDX-License-Identifier: GPL-2.0
/*
 * One cell of bhlint's matrix per boot: enters a context, records its predicates, does one operation, says what came of
 * it, and powers off. Built in (its initcall is late), parameters on the kernel's command line:
 *
 *	bhlint_matrix.context=task_spin bhlint_matrix.operation=msleep
 *
 * tools/kernel-matrix builds a User Mode Linux with it and runs every pair.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/local_lock.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static char context[48] = "task";
module_param_string(context, context, sizeof(context), 0444);
static char operation[48] = "nop";
module_param_string(operation, operation, sizeof(operation), 0444);

static DEFINE_MUTEX(op_mutex);
static DEFINE_SPINLOCK(op_spin);
static DEFINE_RAW_SPINLOCK(op_raw);
static DEFINE_SPINLOCK(ctx_spin);
static DEFINE_RAW_SPINLOCK(ctx_raw);
static DEFINE_MUTEX(ctx_mutex);
static DEFINE_RWLOCK(op_rw);
static DEFINE_SEMAPHORE(op_sem, 1);
static DECLARE_RWSEM(op_rwsem);
static DECLARE_COMPLETION(op_done);
static DECLARE_WAIT_QUEUE_HEAD(op_wait);
static DECLARE_COMPLETION(finished);

static void empty_tasklet(struct tasklet_struct *t) { }
static DECLARE_TASKLET(op_tasklet, empty_tasklet);
static void empty_timer(struct timer_list *t) { }
static DEFINE_TIMER(op_timer, empty_timer);
static void empty_work(struct work_struct *w) { }
static DECLARE_WORK(op_work, empty_work);
static DECLARE_DELAYED_WORK(op_dwork, empty_work);

/* The operations: name and body. Each undoes what it did. */
#define OP(name, body) static void op_##name(void) { body; }
OP(nop, barrier())
OP(might_sleep, might_sleep())
OP(cond_resched, cond_resched())
OP(schedule, schedule())
OP(schedule_timeout, schedule_timeout_uninterruptible(1))
OP(msleep, msleep(1))
OP(usleep_range, usleep_range(1000, 2000))
OP(udelay, udelay(1))
OP(mutex_lock, mutex_lock(&op_mutex); mutex_unlock(&op_mutex))
OP(mutex_trylock, if (mutex_trylock(&op_mutex)) mutex_unlock(&op_mutex))
OP(down, down(&op_sem); up(&op_sem))
OP(down_trylock, if (!down_trylock(&op_sem)) up(&op_sem))
OP(down_read, down_read(&op_rwsem); up_read(&op_rwsem))
OP(down_write, down_write(&op_rwsem); up_write(&op_rwsem))
OP(down_read_trylock, if (down_read_trylock(&op_rwsem)) up_read(&op_rwsem))
OP(spin_lock, spin_lock(&op_spin); spin_unlock(&op_spin))
OP(spin_lock_irq, spin_lock_irq(&op_spin); spin_unlock_irq(&op_spin))
OP(spin_lock_bh, spin_lock_bh(&op_spin); spin_unlock_bh(&op_spin))
OP(raw_spin_lock, raw_spin_lock(&op_raw); raw_spin_unlock(&op_raw))
OP(read_lock, read_lock(&op_rw); read_unlock(&op_rw))
OP(write_lock, write_lock(&op_rw); write_unlock(&op_rw))
OP(local_bh_disable, local_bh_disable(); local_bh_enable())
OP(local_irq_disable, local_irq_disable(); local_irq_enable())
OP(preempt_disable, preempt_disable(); preempt_enable())
OP(rcu_read_lock, rcu_read_lock(); rcu_read_unlock())
OP(synchronize_rcu, synchronize_rcu())
OP(kmalloc_kernel, kfree(kmalloc(64, GFP_KERNEL)))
OP(kmalloc_atomic, kfree(kmalloc(64, GFP_ATOMIC)))
OP(kmalloc_noio, kfree(kmalloc(64, GFP_NOIO)))
OP(kmalloc_nowait, kfree(kmalloc(64, GFP_NOWAIT)))
OP(vmalloc, vfree(vmalloc(PAGE_SIZE)))
OP(complete, complete(&op_done))
OP(wait_for_completion_done, complete(&op_done); wait_for_completion(&op_done))
OP(wake_up, wake_up(&op_wait))
OP(wait_event_true, wait_event(op_wait, true))
OP(tasklet_schedule, tasklet_schedule(&op_tasklet))
OP(tasklet_kill_idle, tasklet_kill(&op_tasklet))
OP(tasklet_disable, tasklet_disable(&op_tasklet); tasklet_enable(&op_tasklet))
OP(tasklet_disable_nosync, tasklet_disable_nosync(&op_tasklet); tasklet_enable(&op_tasklet))
OP(mod_timer, mod_timer(&op_timer, jiffies + HZ))
OP(del_timer_sync_idle, timer_delete_sync(&op_timer))
OP(queue_work, queue_work(system_wq, &op_work))
OP(cancel_work_sync_never, cancel_work_sync(&op_work))
OP(flush_work_pending, queue_work(system_wq, &op_work); flush_work(&op_work))
OP(flush_delayed_work_pending, queue_delayed_work(system_wq, &op_dwork, HZ); flush_delayed_work(&op_dwork))
#undef OP

static const struct {
	const char *name;
	void (*run)(void);
} operations[] = {
#define OP(name) { #name, op_##name }
	OP(nop), OP(might_sleep), OP(cond_resched), OP(schedule), OP(schedule_timeout), OP(msleep), OP(usleep_range),
	OP(udelay), OP(mutex_lock), OP(mutex_trylock), OP(down), OP(down_trylock), OP(down_read), OP(down_write),
	OP(down_read_trylock), OP(spin_lock), OP(spin_lock_irq), OP(spin_lock_bh), OP(raw_spin_lock), OP(read_lock),
	OP(write_lock), OP(local_bh_disable), OP(local_irq_disable), OP(preempt_disable), OP(rcu_read_lock),
	OP(synchronize_rcu), OP(kmalloc_kernel), OP(kmalloc_atomic), OP(kmalloc_noio), OP(kmalloc_nowait), OP(vmalloc),
	OP(complete), OP(wait_for_completion_done), OP(wake_up), OP(wait_event_true), OP(tasklet_schedule),
	OP(tasklet_kill_idle), OP(tasklet_disable), OP(tasklet_disable_nosync), OP(mod_timer), OP(del_timer_sync_idle),
	OP(queue_work), OP(cancel_work_sync_never), OP(flush_work_pending), OP(flush_delayed_work_pending),
#undef OP
};

/* Called in the context: says where it is, does the operation, says that it came back. */
static void do_operation(void)
{
	size_t i;

	pr_alert("BHLINT enter pc=%08x hard=%d soft=%d serving=%d task=%d irqoff=%d atomic=%d rcu=%d\n", preempt_count(),
		 !!in_hardirq(), !!in_softirq(), !!in_serving_softirq(), !!in_task(), irqs_disabled(), !!in_atomic(),
		 rcu_preempt_depth());
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (!strcmp(operations[i].name, operation))
			break;
	if (i == ARRAY_SIZE(operations))
		pr_alert("BHLINT na\n");
	else
		operations[i].run();
	pr_alert("BHLINT done\n");
}

static void ctx_tasklet_fn(struct tasklet_struct *t) { do_operation(); complete(&finished); }
static DECLARE_TASKLET(ctx_tasklet, ctx_tasklet_fn);
static void ctx_timer_fn(struct timer_list *t) { do_operation(); complete(&finished); }
static DEFINE_TIMER(ctx_timer, ctx_timer_fn);
static void ctx_timer_irqsafe_fn(struct timer_list *t) { do_operation(); complete(&finished); }
static struct timer_list ctx_timer_irqsafe;
static void ctx_work_fn(struct work_struct *w) { do_operation(); complete(&finished); }
static DECLARE_WORK(ctx_work, ctx_work_fn);
static void ctx_irq_work_fn(struct irq_work *w) { do_operation(); complete(&finished); }
static struct irq_work ctx_irq_work = IRQ_WORK_INIT(ctx_irq_work_fn);
static struct irq_work ctx_irq_work_hard = IRQ_WORK_INIT_HARD(ctx_irq_work_fn);
static struct rcu_head ctx_rcu;
static void ctx_rcu_fn(struct rcu_head *h) { do_operation(); complete(&finished); }
static void trigger_tasklet_fn(struct irq_work *w) { tasklet_schedule(&ctx_tasklet); }
static struct irq_work trigger_tasklet = IRQ_WORK_INIT_HARD(trigger_tasklet_fn);
static void trigger_bhwork_fn(struct irq_work *w) { queue_work(system_bh_wq, &ctx_work); }
static struct irq_work trigger_bhwork = IRQ_WORK_INIT_HARD(trigger_bhwork_fn);

/* The contexts. Those that are somewhere else wait here until they are through. */
static bool enter_task_context(void)
{
#define IN(name, before, after)                                                                                        \
	if (!strcmp(context, #name)) {                                                                                 \
		before;                                                                                                \
		do_operation();                                                                                        \
		after;                                                                                                 \
		return true;                                                                                           \
	}
	IN(task, , )
	IN(task_preempt_off, preempt_disable(), preempt_enable())
	IN(task_bh_off, local_bh_disable(), local_bh_enable())
	IN(task_irqs_off, local_irq_disable(), local_irq_enable())
	IN(task_spin, spin_lock(&ctx_spin), spin_unlock(&ctx_spin))
	IN(task_spin_bh, spin_lock_bh(&ctx_spin), spin_unlock_bh(&ctx_spin))
	IN(task_spin_irq, spin_lock_irq(&ctx_spin), spin_unlock_irq(&ctx_spin))
	IN(task_raw_spin, raw_spin_lock(&ctx_raw), raw_spin_unlock(&ctx_raw))
	IN(task_mutex, mutex_lock(&ctx_mutex), mutex_unlock(&ctx_mutex))
	IN(task_rcu, rcu_read_lock(), rcu_read_unlock())
	IN(task_rcu_bh, rcu_read_lock_bh(), rcu_read_unlock_bh())
	IN(task_rcu_sched, rcu_read_lock_sched(), rcu_read_unlock_sched())
	IN(task_migrate_off, migrate_disable(), migrate_enable())
	IN(task_uninterruptible, set_current_state(TASK_UNINTERRUPTIBLE), __set_current_state(TASK_RUNNING))
#undef IN
	return false;
}

static bool enter_other_context(void)
{
#define AT(name, start)                                                                                                \
	if (!strcmp(context, #name)) {                                                                                 \
		start;                                                                                                 \
		wait_for_completion(&finished);                                                                        \
		return true;                                                                                           \
	}
	AT(softirq_tasklet_irqexit, irq_work_queue(&trigger_tasklet))
	AT(softirq_tasklet_ksoftirqd, tasklet_schedule(&ctx_tasklet))
	AT(softirq_tasklet_bh_enable, local_bh_disable(); tasklet_schedule(&ctx_tasklet); local_bh_enable())
	AT(softirq_bhwork, irq_work_queue(&trigger_bhwork))
	AT(softirq_timer, mod_timer(&ctx_timer, jiffies + 1))
	AT(softirq_timer_irqsafe, timer_setup(&ctx_timer_irqsafe, ctx_timer_irqsafe_fn, TIMER_IRQSAFE);
	   mod_timer(&ctx_timer_irqsafe, jiffies + 1))
	AT(hardirq_irq_work, irq_work_queue(&ctx_irq_work))
	AT(hardirq_irq_work_hard, irq_work_queue(&ctx_irq_work_hard))
	AT(rcu_callback, call_rcu(&ctx_rcu, ctx_rcu_fn))
	AT(wq_system, queue_work(system_wq, &ctx_work))
	AT(wq_highpri, queue_work(system_highpri_wq, &ctx_work))
	AT(wq_unbound, queue_work(system_unbound_wq, &ctx_work))
#undef AT
	return false;
}

static int __init bhlint_matrix_main(void *unused)
{
	if (!enter_task_context() && !enter_other_context())
		pr_alert("BHLINT na\n");
	msleep(20); /* what comes after: softirqs, timers */
	pr_alert("BHLINT end pc=%08x\n", preempt_count());
	kernel_power_off();
	return 0;
}

static int __init bhlint_matrix_init(void)
{
	kthread_run(bhlint_matrix_main, NULL, "bhlint_matrix");
	return 0;
}
late_initcall(bhlint_matrix_init);
MODULE_DESCRIPTION("One cell of bhlint's matrix of contexts and operations");
MODULE_LICENSE("GPL");
