#include "runtime-model/instruction.h"

#include <cassert>

namespace bhlint::model {

namespace {

constexpr ActInfo table[] = {
    {Act::Nop, "nop", Operand::None},
    {Act::MightSleep, "might_sleep", Operand::None},
    {Act::MightResched, "might_resched", Operand::None},
    {Act::MaySleep, "may_sleep", Operand::None},
    {Act::MayLock, "may_lock", Operand::None},
    {Act::Warn, "warn", Operand::None},
    {Act::Forbid, "forbid", Operand::None},
    {Act::PreemptDisable, "preempt_off", Operand::None},
    {Act::PreemptEnable, "preempt_on", Operand::None},
    {Act::MigrateDisable, "migrate_off", Operand::None},
    {Act::MigrateEnable, "migrate_on", Operand::None},
    {Act::IrqDisable, "irq_off", Operand::None},
    {Act::IrqEnable, "irq_on", Operand::None},
    {Act::IrqSave, "irq_save", Operand::None},
    {Act::IrqRestore, "irq_restore", Operand::None},
    {Act::BhDisable, "bh_off", Operand::None},
    {Act::BhEnable, "bh_on", Operand::None},
    {Act::RcuLock, "rcu_begin", Operand::None},
    {Act::RcuUnlock, "rcu_end", Operand::None},
    {Act::RcuBhLock, "rcu_bh_begin", Operand::None},
    {Act::RcuBhUnlock, "rcu_bh_end", Operand::None},
    {Act::RcuSchedLock, "rcu_sched_begin", Operand::None},
    {Act::RcuSchedUnlock, "rcu_sched_end", Operand::None},
    {Act::Take, "take", Operand::Lock},
    {Act::Drop, "drop", Operand::Lock},
    {Act::Try, "try", Operand::Lock},
    {Act::SetUninterruptible, "set_uninterruptible", Operand::None},
    {Act::SetRunning, "set_running", Operand::None},
    {Act::Schedule, "schedule", Operand::None},
    {Act::Sleep, "sleep", Operand::None},
    {Act::Complete, "complete", Operand::Variable},
    {Act::WaitCompletion, "wait_complete", Operand::Variable},
    {Act::Wake, "wake", Operand::Variable},
    {Act::WaitWake, "wait_wake", Operand::Variable},
    {Act::WaitForever, "wait_forever", Operand::None},
    {Act::Block, "wait_set", Operand::Variable},
    {Act::Raise, "raise", Operand::Vector},
    {Act::TaskletSchedule, "tasklet_queue", Operand::Tasklet},
    {Act::TaskletHiSchedule, "tasklet_queue_hi", Operand::Tasklet},
    {Act::TaskletDisable, "tasklet_off", Operand::Tasklet},
    {Act::TaskletEnable, "tasklet_on", Operand::Tasklet},
    {Act::TaskletGrab, "tasklet_grab", Operand::Tasklet},
    {Act::TaskletUnlockWait, "tasklet_wait", Operand::Tasklet},
    {Act::TaskletSpinWait, "tasklet_spin", Operand::Tasklet},
    {Act::TaskletClear, "tasklet_clear", Operand::Tasklet},
    {Act::MarkBh, "bh_mark", Operand::Slot},
    {Act::TimerArm, "timer_arm", Operand::Timer},
    {Act::TimerDelete, "timer_drop", Operand::Timer},
    {Act::TimerWait, "timer_spin", Operand::Timer},
    {Act::TimerShutdown, "timer_shut", Operand::Timer},
    {Act::WorkQueue, "work_queue", Operand::WorkOnQueue},
    {Act::WorkDelay, "work_delay", Operand::WorkOnQueue},
    {Act::WorkModDelay, "work_mod_delay", Operand::WorkOnQueue},
    {Act::WorkCancel, "work_grab", Operand::Work},
    {Act::WorkDisable, "work_off", Operand::Work},
    {Act::WorkEnable, "work_on", Operand::Work},
    {Act::WorkWait, "work_wait", Operand::Work},
    {Act::WorkFlush, "work_flush", Operand::Work},
    {Act::WorkFlushDelayed, "work_undelay", Operand::Work},
    {Act::QueueFlush, "queue_flush", Operand::Queue},
    {Act::WorkBhCheck, "work_bh_check", Operand::Work},
    {Act::LineDisable, "line_off", Operand::Line},
    {Act::LineEnable, "line_on", Operand::Line},
    {Act::LineWaitHandlers, "line_spin", Operand::Line},
    {Act::LineWaitThreads, "line_wait", Operand::Line},
    {Act::ActionFree, "action_free", Operand::Action},
    {Act::ActionWait, "action_wait", Operand::Action},
    {Act::WakeThread, "thread_wake", Operand::Action},
    {Act::DeviceAck, "device_ack", Operand::Line},
    {Act::DeviceMask, "device_mask", Operand::Line},
    {Act::DeviceUnmask, "device_unmask", Operand::Line},
    {Act::ReturnWake, "return_wake", Operand::None},
    {Act::CallRcu, "callback_queue", Operand::Callback},
    {Act::WaitGracePeriod, "grace_period", Operand::None},
    {Act::WaitCallbacks, "callbacks_wait", Operand::None},
    {Act::Set, "set", Operand::Variable},
    {Act::Add, "add", Operand::Variable},
    {Act::Expect, "expect", Operand::Variable},
    {Act::Use, "use", Operand::Variable},
    {Act::Enter, "enter", Operand::Variable},
    {Act::Leave, "leave", Operand::Variable},
    {Act::Observe, "observe", Operand::Label},
    {Act::Say, "say", Operand::Text},
    {Act::Jump, "goto", Operand::Label},
    {Act::Request, "irq_request", Operand::Action},
    {Act::Self, "self", Operand::None},
};
static_assert(std::size(table) == actCount);

struct PredicateName {
  std::string_view name;
  std::uint16_t bit;
};
constexpr PredicateName predicateNames[] = {
    {"in_nmi", inNmi},           {"in_hardirq", inHardirq},       {"in_serving_softirq", inServing},
    {"in_softirq", inSoftirqAny}, {"in_interrupt", inInterrupt},  {"in_task", inTask},
    {"in_atomic", inAtomic},     {"irqs_disabled", irqsDisabled}, {"preemptible", preemptible},
    {"rt", isRt},                {"smp", isSmp},                  {"result", resultSet},
    {"tiny_rcu", tinyRcu},       {"uninterruptible", isUninterruptible}, {"user_mm", hasUserMm},
    {"on_cpu0", onCpu0},
};

} // namespace

const ActInfo &actInfo(Act act) {
  const ActInfo &info = table[static_cast<unsigned>(act)];
  assert(info.act == act);
  return info;
}

std::optional<Act> actFromName(std::string_view name) {
  for (const ActInfo &info : table)
    if (name == info.name)
      return info.act;
  return std::nullopt;
}

std::optional<std::uint16_t> predicateFromName(std::string_view name) {
  for (const PredicateName &entry : predicateNames)
    if (entry.name == name)
      return entry.bit;
  return std::nullopt;
}

} // namespace bhlint::model
