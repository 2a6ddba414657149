// What only the whole rule set shows: duplicates over all files, and names that nothing declares.

#include "analysis/ruleset/compile.h"
#include "analysis/ruleset/record_reader.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <tuple>

namespace bhlint {

namespace {

bool overlap(const KernelRange &a, const KernelRange &b) {
  return (a.until == 0 || b.since <= a.until) && (b.until == 0 || a.since <= b.until);
}

bool isBefore(const RuleLocation &a, const RuleLocation &b) {
  return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
}

void duplicate(const RuleLocation &first, const RuleLocation &second, const std::string &what,
               std::vector<RuleError> &errors) {
  report(errors, second,
         what + " has a row already, at " + first.file + ":" + std::to_string(first.line) + ":" +
             std::to_string(first.column));
}

/// Sorts `rows` by `key`, which is unique among rows that hold for the same kernel. `describe` names a row.
template <class Row, class Key, class Describe>
void sortUnique(std::vector<Row> &rows, Key key, Describe describe, std::vector<RuleError> &errors) {
  std::sort(rows.begin(), rows.end(), [&](const Row &a, const Row &b) {
    const auto keyA = key(a);
    const auto keyB = key(b);
    return keyA != keyB ? keyA < keyB : isBefore(a.provenance.location, b.provenance.location);
  });
  for (std::size_t first = 0; first < rows.size(); ++first)
    for (std::size_t second = first + 1; second < rows.size() && key(rows[first]) == key(rows[second]); ++second)
      if (overlap(rows[first].provenance.kernels, rows[second].provenance.kernels)) {
        duplicate(rows[first].provenance.location, rows[second].provenance.location, describe(rows[second]), errors);
        break;
      }
}

bool isUnconditional(const SleepContract &row) { return row.when == SleepWhen::Always || row.when == SleepWhen::Never; }

/// A function may sleep by this or that argument, but then neither "always" nor "never" as well.
void checkSleeps(RuleSet &rules, std::vector<RuleError> &errors) {
  sortUnique(
      rules.sleeps,
      [](const SleepContract &row) { return std::make_tuple(llvm::StringRef(row.function), row.when, row.argument); },
      [](const SleepContract &row) { return "'" + row.function + "' in 'sleeps'"; }, errors);
  for (std::size_t i = 1; i < rules.sleeps.size(); ++i) {
    const SleepContract &first = rules.sleeps[i - 1];
    const SleepContract &second = rules.sleeps[i];
    if (first.function == second.function && first.when != second.when &&
        (isUnconditional(first) || isUnconditional(second)) &&
        overlap(first.provenance.kernels, second.provenance.kernels))
      duplicate(first.provenance.location, second.provenance.location,
                "'" + second.function + "' in 'sleeps', with another 'when',", errors);
  }
}

template <class Row> void sortByFunction(std::vector<Row> &rows, const std::string &section, std::vector<RuleError> &errors) {
  sortUnique(
      rows, [](const Row &row) { return llvm::StringRef(row.function); },
      [&](const Row &row) { return "'" + row.function + "' in '" + section + "'"; }, errors);
}

void checkDeferrals(RuleSet &rules, std::vector<RuleError> &errors) {
  sortByFunction(rules.deferralSetups, "deferral_setups", errors);
  sortByFunction(rules.deferralStarts, "deferral_starts", errors);
  sortByFunction(rules.interrupts, "interrupts", errors);
  sortUnique(
      rules.deferralFields,
      [](const DeferralField &row) {
        return std::make_tuple(llvm::StringRef(row.record), llvm::StringRef(row.field), row.within.empty(),
                               llvm::StringRef(row.within));
      },
      [](const DeferralField &row) { return "'" + row.record + "." + row.field + "' in 'deferral_fields'"; }, errors);
  checkDeferralAdvice(rules, errors);
}

void checkOthers(RuleSet &rules, std::vector<RuleError> &errors) {
  auto sortEffects = [&](std::vector<EffectContract> &rows, const std::string &section) {
    sortUnique(
        rows, [](const EffectContract &row) { return std::make_tuple(llvm::StringRef(row.function), row.when); },
        [&](const EffectContract &row) { return "'" + row.function + "' in '" + section + "'"; }, errors);
  };
  sortEffects(rules.effects, "effects");
  sortEffects(rules.sleepingLocks, "sleeping_locks");
  sortEffects(rules.masks, "masks");
  sortUnique(
      rules.waits, [](const WaitContract &row) { return std::make_tuple(llvm::StringRef(row.function), row.argument); },
      [](const WaitContract &row) { return "'" + row.function + "' in 'waits'"; }, errors);
  sortByFunction(rules.irqRequests, "irq_requests", errors);
  sortByFunction(rules.legacy, "legacy", errors);
  sortByFunction(rules.frees, "frees", errors);
  sortByFunction(rules.managed, "managed", errors);
  sortByFunction(rules.delays, "delays", errors);
  sortByFunction(rules.puts, "puts", errors);
  sortByFunction(rules.sharedQueues, "shared_queues", errors);
  sortByFunction(rules.orderings, "orderings", errors);
  sortByFunction(rules.atomicRecords, "atomic_records", errors);
  sortByFunction(rules.prints, "prints", errors);
  sortByFunction(rules.copies, "copies", errors);
  sortByFunction(rules.registerReads, "register_reads", errors);
  sortByFunction(rules.kernelThreads, "kernel_threads", errors);
  sortByFunction(rules.userBorrows, "user_borrows", errors);
  sortUnique(
      rules.teardowns, [](const TeardownMechanism &row) { return llvm::StringRef(row.mechanism); },
      [](const TeardownMechanism &row) { return "'" + row.mechanism + "' in 'teardowns'"; }, errors);
  auto sortDriverFunctions = [&](std::vector<TeardownEnd> &rows, const std::string &section) {
    sortUnique(
        rows,
        [](const TeardownEnd &row) { return std::make_tuple(llvm::StringRef(row.record), llvm::StringRef(row.field)); },
        [&](const TeardownEnd &row) { return "'" + row.record + "." + row.field + "' in '" + section + "'"; }, errors);
  };
  sortDriverFunctions(rules.teardownEnds, "teardown_ends");
  sortDriverFunctions(rules.teardownBegins, "teardown_begins");
  checkTeardowns(rules, errors);
  llvm::sort(rules.lockInits);
  sortUnique(
      rules.callbacks,
      [](const CallbackContract &row) {
        return std::make_tuple(llvm::StringRef(row.function), row.argument, llvm::StringRef(row.member));
      },
      [](const CallbackContract &row) {
        return "argument " + std::to_string(row.argument) + " of '" + row.function + "' in 'callbacks'";
      },
      errors);
  sortUnique(
      rules.ops,
      [](const OpsContract &row) { return std::make_tuple(llvm::StringRef(row.record), llvm::StringRef(row.field)); },
      [](const OpsContract &row) { return "'" + row.record + "." + row.field + "' in 'ops'"; }, errors);
  sortUnique(
      rules.tests, [](const ContextTest &row) { return llvm::StringRef(row.name); },
      [](const ContextTest &row) { return "'" + row.name + "' in 'tests'"; }, errors);
  sortByFunction(rules.queues, "queues", errors);
  sortUnique(
      rules.queueKinds,
      [](const QueueKind &row) {
        return std::make_tuple(llvm::StringRef(row.global), llvm::StringRef(row.allocator), llvm::StringRef(row.flag));
      },
      [](const QueueKind &row) { return "'" + row.global + row.allocator + "' in 'queue_kinds'"; }, errors);
  sortUnique(
      rules.deferred,
      [](const DeferredObject &row) {
        return std::make_tuple(llvm::StringRef(row.record), llvm::StringRef(row.field));
      },
      [](const DeferredObject &row) { return "'" + row.record + "." + row.field + "' in 'deferred'"; }, errors);
  checkDeferrals(rules, errors);
}

void checkRulesAndConstants(RuleSet &rules, std::vector<RuleError> &errors) {
  auto sortLocated = [&](auto &rows, auto name, const std::string &what) {
    llvm::sort(rows, [&](const auto &a, const auto &b) {
      return name(a) != name(b) ? name(a) < name(b) : isBefore(a.location, b.location);
    });
    for (std::size_t i = 1; i < rows.size(); ++i)
      if (name(rows[i - 1]) == name(rows[i]))
        duplicate(rows[i - 1].location, rows[i].location, what + " '" + name(rows[i]).str() + "'", errors);
  };
  sortLocated(
      rules.rules, [](const Rule &rule) { return llvm::StringRef(rule.id); }, "rule");
  sortLocated(
      rules.constants, [](const TreeConstant &constant) { return llvm::StringRef(constant.name); }, "constant");
}

/// Every flag that a row names is a constant that is read from the tree.
void checkFlags(const RuleSet &rules, const std::vector<FlagUse> &flagUses, std::vector<RuleError> &errors) {
  std::vector<llvm::StringRef> names;
  for (const TreeConstant &constant : rules.constants)
    names.push_back(constant.name);
  for (const FlagUse &use : flagUses)
    if (!llvm::is_contained(names, llvm::StringRef(use.flag)))
      report(errors, use.where,
             llvm::Twine("'") + use.flag + "' is not among the 'constants'" + suggestName(use.flag, names));
  if (rules.directReclaim.empty())
    for (const SleepContract &row : rules.sleeps)
      if (row.when == SleepWhen::Gfp) {
        report(errors, row.provenance.location,
               "rows with 'when: gfp' need 'direct_reclaim' in one of the contract files");
        break;
      }
}

} // namespace

void checkRuleSet(RuleSet &rules, const std::vector<FlagUse> &flagUses, std::vector<RuleError> &errors) {
  checkSleeps(rules, errors);
  checkOthers(rules, errors);
  checkRulesAndConstants(rules, errors);
  checkFlags(rules, flagUses, errors);
}

} // namespace bhlint
