// UsePattern: who does what with a group's object, by where it runs; and that as a scenario of the runtime model.
#pragma once

#include "driver/migrate/migration.h"

namespace bhlint {

struct UseAction {
  DeferralRole role = DeferralRole::Refused;
  std::string function; ///< of the old mechanism
  friend bool operator==(const UseAction &, const UseAction &) = default;
};
using UseActions = std::vector<UseAction>;

/// Each list is what one function does, in the order of its text.
struct UsePattern {
  UseActions handler;                  ///< in the handler itself
  UseActions interrupt;                ///< with interrupts off
  std::vector<UseActions> softirqs;    ///< in timers and the like
  std::vector<UseActions> schedulers;  ///< in tasks that only schedule
  std::vector<UseActions> controllers; ///< in tasks that do anything else

  bool hasEvents() const; ///< something schedules it
  /// The same with one only of those that do nothing but schedule it, for each of them; the handler does not schedule itself.
  std::vector<UsePattern> withOneScheduler() const;
  /// One task that does what the controllers do: disable, enable, and cancel at last.
  UseActions control() const;
};

UsePattern usePatternOf(const MigratedGroup &migrated, const MigrationRules &rules, const Run &run);

/// The same of an object that is known to be scheduled by an interrupt's handler alone, whatever its context was inferred to be.
UsePattern ofInterruptAlone(UsePattern pattern);

/// Disabled at the end, and never enabled again.
bool endsDisabled(const UseActions &actions);

/// How a form is written.
struct FormWording {
  const MigrationGroup &group;
  const MigrationRules &rules;
  const MigrationTarget &target;
  bool isOld = false;
  bool isLikeOther = false; ///< without what the rules declare to differ
};

struct Surroundings {
  unsigned events = 1;     ///< interrupts that come
  bool isSilenced = false; ///< interrupts are off before it is cancelled
};

/// Two CPUs; the handler must not overlap with itself.
std::string scenarioOf(const UsePattern &pattern, const FormWording &wording, const Surroundings &surroundings);

} // namespace bhlint
