// One line of a trace as text: what tracefs' `trace` and `trace_pipe`, `trace-cmd report` and `perf script` print.
//
// What its event means is not known here: rules/observe.yaml says that, and observation.h uses it. Lines are untrusted.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace bhlint {

/// What interrupted the task when the event was recorded, as far as the line says.
enum class InterruptLevel : std::uint8_t { Unknown, None, Softirq, HardIrq };

/// Its strings point into the line.
struct TraceEvent {
  std::uint64_t time = 0; ///< nanoseconds
  std::uint32_t cpu = 0;
  std::uint32_t task = 0;
  InterruptLevel level = InterruptLevel::Unknown;
  llvm::StringRef name; ///< without the subsystem that perf puts before it
  llvm::StringRef fields;
};

enum class TraceLineKind : std::uint8_t {
  Event, ///< one that is wanted
  Other, ///< an event that isn't, a comment, a header
  Lost,  ///< "CPU:1 [LOST 12 EVENTS]"
  Unreadable
};

struct TraceLine {
  TraceLineKind kind = TraceLineKind::Unreadable;
  TraceEvent event;       ///< Event; of Lost, the CPU alone
  std::uint64_t lost = 0; ///< Lost
};

TraceLine readTraceLine(llvm::StringRef line, llvm::function_ref<bool(llvm::StringRef event)> isWanted);

/// The value of a field, in any of the forms that events are printed in: "vec=3 [action=X]", "work struct 00ab:
/// function f". It ends where the next blank, comma, colon or bracket is.
std::optional<llvm::StringRef> traceField(llvm::StringRef fields, llvm::StringRef name);

/// The function's name in the source, of "f.isra.0+0x0 [module]"; empty: the trace has an address instead.
llvm::StringRef traceFunction(llvm::StringRef value);

} // namespace bhlint
