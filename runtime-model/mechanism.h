// Mechanism: one of the kernel's means of deferral or exclusion, as a transition rule over State.
//
// A mechanism executes the instructions that it owns, offers the steps that happen by themselves (an interrupt
// arrives, a worker takes an item, a timer expires), applies them, and says what must never be true. It has no state of
// its own: everything is in State, all that is fixed is in System.
//
// To add one: mechanisms/<name>.cpp, one row in mechanisms.cpp, its instructions in instruction.cpp.
#pragma once

#include "runtime-model/state.h"
#include "runtime-model/system.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace bhlint::model {

/// One thing that may happen next.
struct Step {
  std::uint8_t mechanism = 0;  ///< index into mechanisms()
  std::uint8_t cpu = 0;
  std::uint8_t kind = 0;       ///< the mechanism's own; 0 is always "execute the next instruction of `cpu`"
  std::uint8_t object = 0;
  friend bool operator==(const Step &, const Step &) = default;
};
static_assert(sizeof(Step) == 4);

/// Steps that are possible in one state. Fixed capacity: no allocation while exploring.
class Steps {
public:
  void add(Step step) {
    if (count < items.size())
      items[count++] = step;
  }
  void clear() { count = 0; }
  std::size_t size() const { return count; }
  const Step &operator[](std::size_t i) const { return items[i]; }
  const Step *begin() const { return items.data(); }
  const Step *end() const { return items.data() + count; }

private:
  std::array<Step, 96> items;
  std::size_t count = 0;
};

/// What happened, for people: filled only when a trace is replayed.
struct Event {
  unsigned cpu = 0;
  char level = 'T';      ///< H hard IRQ, S serving softirq, s the same with IRQs off, B, D, A, T: as in scenarios.txt
  std::string task;      ///< "swapper/0", "kworker/0:1"
  std::string where;     ///< program: "tasklet A"
  std::string text;
  bool isProblem = false;
  bool isOutput = false; ///< of the scenario itself, or of the interrupt controller: what recorded traces show
};

/// A state being changed: the arguments of every mechanism.
struct Machine {
  const System &system;
  State &state;
  std::vector<Event> *log = nullptr;
};

struct Mechanism {
  const char *name;
  std::span<const Act> acts;
  /// May CPU `cpu` execute `instruction` now? False: it spins. Null: always.
  bool (*ready)(const Machine &, unsigned cpu, const Instruction &);
  /// Executes it. The caller has advanced nothing; see Machine functions in machine.h.
  void (*execute)(Machine &, unsigned cpu, const Instruction &);
  /// Adds the steps that happen by themselves. `self` is this mechanism's index. Null: none.
  void (*enabled)(const System &, const State &, std::uint8_t self, Steps &);
  void (*apply)(Machine &, const Step &);
  /// Sets state.problem if something that must never be is so. Null: nothing.
  void (*check)(Machine &);
};

/// The table, in a fixed order.
std::span<const Mechanism> mechanisms();

/// All steps that are possible, in a fixed order.
void enabledSteps(const System &system, const State &state, Steps &steps);
/// Takes one.
void applyStep(Machine &machine, const Step &step);
/// "cpu0: tasklet A: mutex_lock m", "cpu1: interrupt on line eth".
std::string describeStep(const System &system, const State &state, const Step &step);

} // namespace bhlint::model
