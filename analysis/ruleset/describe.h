// Text for `bhlint rules list | show | lint`: what is checked and why, for people.
//
// It only formats; loading and its errors are in load.h. Output is stable: sorted as the rule set is, no colours.
#pragma once

#include "analysis/ruleset/load.h"

namespace bhlint {

/// One line per rule: id, severity, title; aligned.
std::string listRules(const RuleSet &rules);
/// A page on one rule: what, why, bad and good code, what to use instead, how to suppress it, sources.
std::string describeRule(const Rule &rule, const RuleSet &rules);
/// The same as JSON: {"rules": [{"id": ..., "measured": {...}}, ...]}.
std::string listRulesAsJson(const RuleSet &rules);
/// The same as JSON: what the list has, and the page's texts.
std::string describeRuleAsJson(const Rule &rule);
/// What the folder holds, in one line: "4 rules, 1458 sleeping functions, ...".
std::string summarizeRules(const RuleSet &rules);

} // namespace bhlint
