// SPDX-License-Identifier: GPL-2.0
/*
 * One cell of bhlint's matrix per boot: enters a context, records its predicates, does one operation, says what came of
 * it, and powers off. Built in (its initcall is the last), parameters on the kernel's command line:
 *
 *	bhlint_matrix.context=task_spin bhlint_matrix.operation=msleep
 *
 * tools/kernel-matrix builds a User Mode Linux with it and runs every pair. What it prints, on the host's standard
 * output: "BHLINT enter|done|end ..." and every line of the kernel's log, in between.
 *
 * The log goes through the tracepoint of printk() straight to the host. A console would lose the last words of a kernel
 * that hangs: PREEMPT_RT prints from a thread, and the consoles of User Mode Linux sleep or wait for an interrupt.
 *
 * To add an operation: a line in operations.h. To add a context: a line in contexts.h.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_sim.h>
#include <linux/irq_work.h>
#include <linux/irqdomain.h>
#include <linux/kthread.h>
#include <linux/local_lock.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/rtmutex.h>
#include <linux/rtnetlink.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/srcu.h>
#include <linux/stop_machine.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <trace/events/printk.h>
#include <os.h>

static char context[48] = "task";
module_param_string(context, context, sizeof(context), 0444);
static char operation[48] = "nop";
module_param_string(operation, operation, sizeof(operation), 0444);

/* What says() says cannot get lost, whatever state the kernel is in: one system call of the host. */
static void __printf(1, 2) says(const char *format, ...)
{
	static char line[256];
	va_list args;
	int length;

	va_start(args, format);
	length = vscnprintf(line, sizeof(line), format, args);
	va_end(args);
	os_write_file(1, line, length);
}

static void log_line(void *unused, const char *text, size_t length)
{
	os_write_file(1, text, length);
	if (!length || text[length - 1] != '\n')
		os_write_file(1, "\n", 1);
}

/* ---- what operations need ---- */

static DEFINE_MUTEX(op_mutex);
static DEFINE_RT_MUTEX(op_rt_mutex);
static DEFINE_SEMAPHORE(op_sem, 1);
static DECLARE_RWSEM(op_rwsem);
static DEFINE_SPINLOCK(op_spin);
static DEFINE_RAW_SPINLOCK(op_raw);
static DEFINE_RWLOCK(op_rw);
static DEFINE_SEQLOCK(op_seq);
struct locked_locally {
	local_lock_t lock;
};
static DEFINE_PER_CPU(struct locked_locally, op_local) = { .lock = INIT_LOCAL_LOCK(lock) };
DEFINE_STATIC_SRCU(op_srcu);
static DECLARE_COMPLETION(op_done);
static DECLARE_WAIT_QUEUE_HEAD(op_wait);
static struct {
	struct rcu_head rcu;
} *op_object;
static struct rcu_head op_rcu;
static void empty_rcu(struct rcu_head *head) { }
static void *op_memory;
static struct kmem_cache *op_cache;
static struct page *op_page;
static long op_buffer[1];
/* Of nobody's: a kernel thread of User Mode Linux that really touches user memory crashes, because it has none. */
static void __user *const no_user = (void __user *)-4096L;
static void empty_call(void *unused) { }

static void empty_tasklet(struct tasklet_struct *t) { }
static DECLARE_TASKLET(op_tasklet, empty_tasklet);
static void empty_timer(struct timer_list *t) { }
static DEFINE_TIMER(op_timer, empty_timer);
static struct timer_list op_timer_irqsafe;
static struct hrtimer op_hrtimer;
static enum hrtimer_restart empty_hrtimer(struct hrtimer *t) { return HRTIMER_NORESTART; }
static void prepare_hrtimer(void)
{
	hrtimer_init(&op_hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	op_hrtimer.function = empty_hrtimer;
}
static void empty_irq_work(struct irq_work *w) { }
static struct irq_work op_irq_work = IRQ_WORK_INIT(empty_irq_work);

static void empty_work(struct work_struct *w) { }
static DECLARE_WORK(op_work, empty_work);
static DECLARE_DELAYED_WORK(op_dwork, empty_work);
static struct workqueue_struct *op_wq;
static DECLARE_COMPLETION(busy);
static void busy_work(struct work_struct *w)
{
	complete(&busy);
	msleep(500);
}
static DECLARE_WORK(op_busy_work, busy_work);
static void run_once(struct workqueue_struct *wq)
{
	queue_work(wq, &op_work);
	flush_work(&op_work);
}
static void make_busy(struct workqueue_struct *wq)
{
	queue_work(wq, &op_busy_work);
	wait_for_completion(&busy);
}
static struct kthread_worker *op_worker;
static void empty_kwork(struct kthread_work *w) { }
static DEFINE_KTHREAD_WORK(op_kwork, empty_kwork);
static struct kthread_worker *the_worker(void) /* one for contexts and operations: it may wait for itself */
{
	static struct kthread_worker *worker;

	if (!worker)
		worker = kthread_create_worker(0, "bhlint_worker");
	return worker;
}

static struct task_struct *sleeper;
static int sleeper_fn(void *unused)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	return 0;
}
static int stoppable_fn(void *unused)
{
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ);
	return 0;
}

/* Interrupt lines of our own. User Mode Linux has taken all descriptors; main() gives some back. */
static int op_irq, ctx_irq;
static irqreturn_t empty_handler(int irq, void *cookie) { return IRQ_HANDLED; }
static irqreturn_t waking_handler(int irq, void *cookie) { return IRQ_WAKE_THREAD; }
static void prepare_line(int irq) { irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_edge_irq); }
static void prepare_level_line(int irq) { irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_level_irq); }
static void take_irq(int irq, irq_handler_t handler, irq_handler_t thread, unsigned long flags)
{
	if (request_threaded_irq(irq, handler, thread, flags, "bhlint", &op_mutex))
		says("BHLINT na: request_threaded_irq failed\n");
}
static void prepare_action(int irq)
{
	prepare_line(irq);
	take_irq(irq, empty_handler, NULL, 0);
}
static int make_sim_irq(void)
{
	return irq_create_mapping(irq_domain_create_sim(NULL, 1), 0);
}
static void raise_sim(int irq)
{
	irq_set_irqchip_state(irq, IRQCHIP_STATE_PENDING, true);
}

static struct net_device *op_dev;
static struct napi_struct op_napi;
static struct sk_buff *op_skb;
static int empty_poll(struct napi_struct *napi, int budget)
{
	napi_complete_done(napi, 0);
	return 0;
}
static void empty_destructor(struct sk_buff *skb) { }
static void prepare_napi(void)
{
	op_dev = alloc_netdev_dummy(0);
	netif_napi_add(op_dev, &op_napi, empty_poll);
	napi_enable(&op_napi);
}

/* ---- the cell ---- */

static void wait_for_self(void);

#define OPERATION(name, prepare, ...)                                                                                  \
	static void prepare_##name(void) { prepare; }                                                                  \
	static long run_##name(void) { long result = 0; __VA_ARGS__; return result; }
#include "operations.h"
#undef OPERATION

struct operation {
	const char *name;
	void (*prepare)(void);
	long (*run)(void);
};
static const struct operation operations[] = {
#define OPERATION(name, prepare, ...) { #name, prepare_##name, run_##name },
#include "operations.h"
#undef OPERATION
};
static const struct operation *chosen;
static DECLARE_COMPLETION(finished);

/* Called in the context: says where it is, does the operation, says that it came back. */
static void do_operation(void)
{
	static bool was_done;
	long result;

	if (was_done) /* a poll function or an interrupt that comes twice */
		return;
	was_done = true;
	says("BHLINT enter %08x %d %d %d %d %d %d %d\n", preempt_count(), !!in_hardirq(), !!in_softirq(),
	     !!in_serving_softirq(), !!in_task(), irqs_disabled(), !!in_atomic(), rcu_preempt_depth());
	result = chosen->run();
	says("BHLINT done %ld %08x\n", result, preempt_count());
}

static void do_operation_there(void)
{
	do_operation();
	complete(&finished);
}

/* ---- what contexts need ---- */

static DEFINE_SPINLOCK(ctx_spin);
static DEFINE_RAW_SPINLOCK(ctx_raw);
static DEFINE_RWLOCK(ctx_rw);
static DEFINE_SEQLOCK(ctx_seq);
static DEFINE_MUTEX(ctx_mutex);
static DEFINE_PER_CPU(struct locked_locally, ctx_local) = { .lock = INIT_LOCAL_LOCK(lock) };
DEFINE_STATIC_SRCU(ctx_srcu);
static struct page *ctx_page;

static int ctx_kthread_fn(void *unused) { do_operation_there(); return 0; }
static int ctx_stop_fn(void *unused) { do_operation_there(); return 0; }
static irqreturn_t ctx_handler(int irq, void *cookie) { do_operation_there(); return IRQ_HANDLED; }
static irqreturn_t ctx_waking_handler(int irq, void *cookie) { do_operation_there(); return IRQ_WAKE_THREAD; }
static void ctx_timer_fn(struct timer_list *t) { do_operation_there(); }
static struct timer_list ctx_timer;
static void ctx_irq_work_fn(struct irq_work *w) { do_operation_there(); }
static struct irq_work ctx_irq_work = IRQ_WORK_INIT(ctx_irq_work_fn);
static struct irq_work ctx_irq_work_hard = IRQ_WORK_INIT_HARD(ctx_irq_work_fn);
static struct hrtimer ctx_hrtimer;
static enum hrtimer_restart ctx_hrtimer_fn(struct hrtimer *t) { do_operation_there(); return HRTIMER_NORESTART; }
static void start_hrtimer(enum hrtimer_mode mode)
{
	hrtimer_init(&ctx_hrtimer, CLOCK_MONOTONIC, mode);
	ctx_hrtimer.function = ctx_hrtimer_fn;
	hrtimer_start(&ctx_hrtimer, ms_to_ktime(10), mode);
}
static void ctx_tasklet_fn(struct tasklet_struct *t) { do_operation_there(); }
static DECLARE_TASKLET(ctx_tasklet, ctx_tasklet_fn);
static void ctx_work_fn(struct work_struct *w) { do_operation_there(); }
static DECLARE_WORK(ctx_work, ctx_work_fn);
static DECLARE_DELAYED_WORK(ctx_dwork, ctx_work_fn);
static struct rcu_work ctx_rcu_work;
static struct workqueue_struct *ctx_wq;
static void ctx_kwork_fn(struct kthread_work *w) { do_operation_there(); }
static DEFINE_KTHREAD_WORK(ctx_kwork, ctx_kwork_fn);
static void ctx_rcu_fn(struct rcu_head *head) { do_operation_there(); }
static struct rcu_head ctx_rcu;
static struct net_device *ctx_dev;
static struct napi_struct ctx_napi;
static int ctx_poll(struct napi_struct *napi, int budget)
{
	do_operation_there();
	napi_complete_done(napi, 0);
	return 0;
}
static void prepare_ctx_napi(void)
{
	ctx_dev = alloc_netdev_dummy(0);
	netif_napi_add(ctx_dev, &ctx_napi, ctx_poll);
	napi_enable(&ctx_napi);
}

/* From a hard interrupt: so that what is scheduled there runs when that interrupt returns. */
static void (*interrupt_does)(void);
static void interrupt_fn(struct irq_work *w) { interrupt_does(); }
static struct irq_work interrupt_work = IRQ_WORK_INIT_HARD(interrupt_fn);
static void in_interrupt_later(void (*what)(void))
{
	interrupt_does = what;
	irq_work_queue(&interrupt_work);
}
static void schedule_ctx_tasklet(void) { tasklet_schedule(&ctx_tasklet); }
static void schedule_ctx_tasklet_hi(void) { tasklet_hi_schedule(&ctx_tasklet); }
static void queue_ctx_work(void) { queue_work(ctx_wq, &ctx_work); }
static void schedule_ctx_napi(void) { napi_schedule(&ctx_napi); }
static void raise_ctx_irq(void) { generic_handle_irq(ctx_irq); }
static void raise_later(int irq) { in_interrupt_later(raise_ctx_irq); }
static void no_self(void) { says("BHLINT na: nothing to wait for here\n"); }

#define HERE(name, enter, leave) static void enter_##name(void) { enter; do_operation(); leave; }
#define THERE(name, start, self)                                                                                       \
	static void enter_##name(void) { start; wait_for_completion(&finished); }                                      \
	static void self_##name(void) { self; }
#include "contexts.h"
#undef HERE
#undef THERE

static const struct {
	const char *name;
	void (*enter)(void);
	void (*wait_for_self)(void);
} contexts[] = {
#define HERE(name, enter, leave) { #name, enter_##name, no_self },
#define THERE(name, start, self) { #name, enter_##name, self_##name },
#include "contexts.h"
#undef HERE
#undef THERE
};
static size_t chosen_context;

static void wait_for_self(void)
{
	contexts[chosen_context].wait_for_self();
}

/* Half a minute of the guest's time later nothing will happen any more. */
static struct hrtimer watchdog;
static enum hrtimer_restart watchdog_fn(struct hrtimer *t)
{
	says("BHLINT stuck\n");
	os_kill_process(os_getpid(), 0);
	return HRTIMER_NORESTART;
}

static int bhlint_matrix_main(void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (!strcmp(operations[i].name, operation))
			chosen = &operations[i];
	for (chosen_context = 0; chosen_context < ARRAY_SIZE(contexts); chosen_context++)
		if (!strcmp(contexts[chosen_context].name, context))
			break;
	if (!chosen || chosen_context == ARRAY_SIZE(contexts)) {
		says("BHLINT na: no such cell\n");
		kernel_power_off();
	}
	/* After this a kernel runs user space. Without it synchronize_rcu() is another function. */
	rcu_end_inkernel_boot();
	system_state = SYSTEM_RUNNING;

	irq_free_descs(40, 24);
	op_irq = irq_alloc_desc(0);
	ctx_irq = irq_alloc_desc(0);
	ctx_page = alloc_page(GFP_KERNEL);
	register_trace_console(log_line, NULL);
	hrtimer_init(&watchdog, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	watchdog.function = watchdog_fn;
	hrtimer_start(&watchdog, ms_to_ktime(30 * MSEC_PER_SEC), HRTIMER_MODE_REL_HARD);

	chosen->prepare();
	contexts[chosen_context].enter();
	msleep(50); /* what comes after: softirqs, timers, workers */
	says("BHLINT end %08x\n", preempt_count());
	kernel_power_off();
	return 0;
}

static int __init bhlint_matrix_init(void)
{
	kthread_run(bhlint_matrix_main, NULL, "bhlint_matrix");
	for (;;) /* there is no user space to go on to */
		schedule_timeout_uninterruptible(MAX_SCHEDULE_TIMEOUT);
	return 0;
}
late_initcall_sync(bhlint_matrix_init);
MODULE_DESCRIPTION("One cell of bhlint's matrix of contexts and operations");
MODULE_LICENSE("GPL");
