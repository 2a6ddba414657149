// RuleSource -> RuleSet: what the keys of the YAML files mean. Strict; every error is located and all are reported.
//
// Not here: YAML itself (source.h), typed access (record_reader.h), and finding the files (load.h).
// To add a kind of row: a struct in rule_set.h, a compile function and a line in the table of compile_contracts.cpp,
// its duplicates in check_rule_set.cpp, and a section in rules/README.md.
#pragma once

#include "analysis/ruleset/source.h"

#include <map>
#include <span>

namespace bhlint {

class RecordReader;

/// Names for sets of contexts, so that rows need not repeat long lists: `interrupt`, ...
using ContextGroups = std::map<std::string, std::vector<Context>, std::less<>>;

/// A constant that a row names, where it names it; checked when all constants are known.
struct FlagUse {
  std::string flag;
  RuleLocation where;
};

/// The `context_groups` of all contract files; needed before any other row is compiled.
ContextGroups compileContextGroups(std::span<const RuleSource> contracts, std::vector<RuleError> &errors);
/// Adds the rows of one contract file to `rules`. A row with an error is reported and left out.
void compileContracts(const RuleSource &source, const ContextGroups &groups, RuleSet &rules,
                      std::vector<FlagUse> &flagUses, std::vector<RuleError> &errors);
/// Adds the decision table of advice.yaml.
void compileAdvice(const RuleSource &source, const ContextGroups &groups, RuleSet &rules,
                   std::vector<RuleError> &errors);
/// Adds one row of the decision table for deferrals, which is in advice.yaml, too.
void compileDeferralAdvice(RecordReader &row, const ContextGroups &groups, RuleSet &rules);
/// Reports mechanisms that no row of the contracts names.
void checkDeferralAdvice(const RuleSet &rules, std::vector<RuleError> &errors);
/// Reports mechanisms of rows about teardown that no deferral has.
void checkTeardowns(const RuleSet &rules, std::vector<RuleError> &errors);
/// Adds what calibration.yaml says.
void compileCalibration(const RuleSource &source, RuleSet &rules, std::vector<RuleError> &errors);
/// Adds the mechanisms of observe.yaml.
void compileTraceSpans(const RuleSource &source, RuleSet &rules, std::vector<RuleError> &errors);
/// Adds the rule of one rules/<id>.yaml.
void compileRule(const RuleSource &source, RuleSet &rules, std::vector<RuleError> &errors);
/// Sorts, and reports what only the whole shows: duplicates and names that nothing declares.
void checkRuleSet(RuleSet &rules, const std::vector<FlagUse> &flagUses, std::vector<RuleError> &errors);

} // namespace bhlint
