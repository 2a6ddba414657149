/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contexts of the matrix. HERE(name, enter, leave): the operation is done between the two, by the calling task.
 * THERE(name, start, self): `start` makes the operation run somewhere else; `self` is what would wait for that to end.
 * Included by bhlint_matrix.c.
 *
 * Not here, because User Mode Linux cannot do it: hardirq_ipi (one CPU).
 */

HERE(task, , )
HERE(task_preempt_off, preempt_disable(), preempt_enable())
HERE(task_bh_off, local_bh_disable(), local_bh_enable())
HERE(task_irqs_off, local_irq_disable(), local_irq_enable())
HERE(task_spin, spin_lock(&ctx_spin), spin_unlock(&ctx_spin))
HERE(task_spin_bh, spin_lock_bh(&ctx_spin), spin_unlock_bh(&ctx_spin))
HERE(task_spin_irq, spin_lock_irq(&ctx_spin), spin_unlock_irq(&ctx_spin))
HERE(task_raw_spin, raw_spin_lock(&ctx_raw), raw_spin_unlock(&ctx_raw))
HERE(task_read_lock, read_lock(&ctx_rw), read_unlock(&ctx_rw))
HERE(task_seq_write, write_seqlock(&ctx_seq), write_sequnlock(&ctx_seq))
HERE(task_local_lock, local_lock(&ctx_local.lock), local_unlock(&ctx_local.lock))
HERE(task_mutex, mutex_lock(&ctx_mutex), mutex_unlock(&ctx_mutex))
HERE(task_rcu, rcu_read_lock(), rcu_read_unlock())
HERE(task_rcu_bh, rcu_read_lock_bh(), rcu_read_unlock_bh())
HERE(task_rcu_sched, rcu_read_lock_sched(), rcu_read_unlock_sched())
HERE(task_srcu, int reader = srcu_read_lock(&ctx_srcu), srcu_read_unlock(&ctx_srcu, reader))
HERE(task_migrate_off, migrate_disable(), migrate_enable())
HERE(task_pagefault_off, pagefault_disable(), pagefault_enable())
HERE(task_kmap_local, void *mapped = kmap_local_page(ctx_page), kunmap_local(mapped))
HERE(task_uninterruptible, set_current_state(TASK_UNINTERRUPTIBLE), __set_current_state(TASK_RUNNING))

THERE(kthread, kthread_run(ctx_kthread_fn, NULL, "ctx"), no_self())
THERE(stop_machine, stop_machine(ctx_stop_fn, NULL, NULL), no_self())

THERE(hardirq_irq, prepare_line(ctx_irq); take_irq(ctx_irq, ctx_handler, NULL, 0); raise_later(ctx_irq), disable_irq(ctx_irq))
THERE(hardirq_irq_no_thread, prepare_line(ctx_irq); take_irq(ctx_irq, ctx_handler, NULL, IRQF_NO_THREAD);
      raise_later(ctx_irq), disable_irq(ctx_irq))
THERE(irqthread_primary, prepare_line(ctx_irq); take_irq(ctx_irq, ctx_waking_handler, empty_handler, 0);
      raise_later(ctx_irq), disable_irq(ctx_irq))
THERE(irqthread, prepare_line(ctx_irq); take_irq(ctx_irq, waking_handler, ctx_handler, 0); raise_later(ctx_irq),
      disable_irq(ctx_irq))
THERE(irqthread_oneshot, prepare_level_line(ctx_irq); take_irq(ctx_irq, NULL, ctx_handler, IRQF_ONESHOT);
      raise_later(ctx_irq), disable_irq(ctx_irq))
THERE(hardirq_irq_sim, ctx_irq = make_sim_irq(); take_irq(ctx_irq, ctx_handler, NULL, 0); raise_sim(ctx_irq),
      disable_irq(ctx_irq))
THERE(irqthread_irq_sim, ctx_irq = make_sim_irq(); take_irq(ctx_irq, waking_handler, ctx_handler, 0); raise_sim(ctx_irq),
      disable_irq(ctx_irq))

THERE(hrtimer_default, start_hrtimer(HRTIMER_MODE_REL), hrtimer_cancel(&ctx_hrtimer))
THERE(hardirq_hrtimer_hard, start_hrtimer(HRTIMER_MODE_REL_HARD), hrtimer_cancel(&ctx_hrtimer))
THERE(softirq_hrtimer_soft, start_hrtimer(HRTIMER_MODE_REL_SOFT), hrtimer_cancel(&ctx_hrtimer))
THERE(hardirq_irq_work, irq_work_queue(&ctx_irq_work), irq_work_sync(&ctx_irq_work))
THERE(hardirq_irq_work_hard, irq_work_queue(&ctx_irq_work_hard), irq_work_sync(&ctx_irq_work_hard))
THERE(softirq_timer, timer_setup(&ctx_timer, ctx_timer_fn, 0); mod_timer(&ctx_timer, jiffies + 1), timer_delete_sync(&ctx_timer))
THERE(softirq_timer_irqsafe, timer_setup(&ctx_timer, ctx_timer_fn, TIMER_IRQSAFE); mod_timer(&ctx_timer, jiffies + 1),
      timer_delete_sync(&ctx_timer))

THERE(softirq_tasklet_irqexit, in_interrupt_later(schedule_ctx_tasklet), tasklet_kill(&ctx_tasklet))
THERE(softirq_tasklet_hi, in_interrupt_later(schedule_ctx_tasklet_hi), tasklet_kill(&ctx_tasklet))
THERE(softirq_tasklet_bh_enable, local_bh_disable(); tasklet_schedule(&ctx_tasklet); local_bh_enable(), tasklet_kill(&ctx_tasklet))
THERE(softirq_tasklet_ksoftirqd, tasklet_schedule(&ctx_tasklet), tasklet_kill(&ctx_tasklet))
THERE(softirq_bhwork, ctx_wq = system_bh_wq; in_interrupt_later(queue_ctx_work), cancel_work_sync(&ctx_work))
THERE(softirq_bhwork_hi, ctx_wq = system_bh_highpri_wq; in_interrupt_later(queue_ctx_work), cancel_work_sync(&ctx_work))
THERE(softirq_bhwork_own, ctx_wq = alloc_workqueue("own", WQ_BH, 0); in_interrupt_later(queue_ctx_work), cancel_work_sync(&ctx_work))
THERE(softirq_bhwork_bh_enable, local_bh_disable(); queue_work(system_bh_wq, &ctx_work); local_bh_enable(), cancel_work_sync(&ctx_work))
THERE(softirq_bhwork_ksoftirqd, queue_work(system_bh_wq, &ctx_work), cancel_work_sync(&ctx_work))
THERE(softirq_napi_poll, prepare_ctx_napi(); in_interrupt_later(schedule_ctx_napi), napi_disable(&ctx_napi))

THERE(rcu_callback, call_rcu(&ctx_rcu, ctx_rcu_fn), rcu_barrier())
THERE(srcu_callback, call_srcu(&ctx_srcu, &ctx_rcu, ctx_rcu_fn), srcu_barrier(&ctx_srcu))

THERE(wq_system, queue_work(system_wq, &ctx_work), cancel_work_sync(&ctx_work))
THERE(wq_highpri, queue_work(system_highpri_wq, &ctx_work), cancel_work_sync(&ctx_work))
THERE(wq_unbound, queue_work(system_unbound_wq, &ctx_work), cancel_work_sync(&ctx_work))
THERE(wq_ordered, queue_work(alloc_ordered_workqueue("ordered", 0), &ctx_work), cancel_work_sync(&ctx_work))
THERE(wq_memreclaim, queue_work(alloc_workqueue("reclaim", WQ_MEM_RECLAIM, 0), &ctx_work), cancel_work_sync(&ctx_work))
THERE(wq_delayed, queue_delayed_work(system_wq, &ctx_dwork, 1), cancel_delayed_work_sync(&ctx_dwork))
THERE(wq_rcu_work, INIT_RCU_WORK(&ctx_rcu_work, ctx_work_fn); queue_rcu_work(system_wq, &ctx_rcu_work),
      cancel_work_sync(&ctx_rcu_work.work))
THERE(kthread_worker, kthread_queue_work(the_worker(), &ctx_kwork), kthread_cancel_work_sync(&ctx_kwork))
