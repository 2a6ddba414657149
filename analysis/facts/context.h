// The vocabulary of execution contexts, shared by the rules, the analysis, the findings and the runtime model.
//
// Kernel facts: include/linux/preempt.h (preempt_count layout, in_interrupt(), in_task()), kernel/softirq.c,
// kernel/workqueue.c (BH workqueues). The names in YAML and JSON are those of `contextName()`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bhlint {

/// Where code runs, apart from locks. Ordered from most to least restrictive; Process is the only one that may sleep.
/// "Ambient": it is given by whoever called, and nothing that the function does (unlocking, enabling) can leave it.
enum class Context : std::uint8_t {
  Nmi,
  HardIrq,      ///< primary interrupt handlers, hard hrtimers, irq_work, IPIs
  IrqsOff,      ///< a task or anything else, entered with local interrupts off
  Softirq,      ///< serving a softirq that has no entry of its own below (NAPI, block, ...)
  Tasklet,
  Timer,        ///< timer_list, soft hrtimer
  BhWork,       ///< work item on a WQ_BH workqueue
  RcuCallback,
  Completion,   ///< URB, DMA and similar completion callbacks: hard IRQ or softirq, depending on the controller
  BhOff,        ///< entered with bottom halves disabled
  Atomic,       ///< entered with a spinlock held or preemption off
  RcuRead,      ///< entered in an RCU read-side section
  Process       ///< system call, workqueue, kthread, threaded IRQ
};

inline constexpr unsigned contextCount = static_cast<unsigned>(Context::Process) + 1;

/// "hardirq", "tasklet", ...: the spelling in YAML and JSON.
std::string_view contextName(Context context);
/// "hard IRQ context", "tasklet context", "an RCU read-side section": for sentences.
std::string_view contextPhrase(Context context);
std::optional<Context> contextFromName(std::string_view name);
inline bool maySleep(Context context) { return context == Context::Process; }

/// How much was assumed. A finding has the lowest confidence of all that it rests on.
enum class Confidence : std::uint8_t { Low, Medium, High };
std::string_view confidenceName(Confidence confidence);
std::optional<Confidence> confidenceFromName(std::string_view name);

} // namespace bhlint
