// A row of 'threads' in rules/migration/*.yaml as a MigrationTarget. What its keys mean is ThreadForm.
#pragma once

#include "analysis/migrate/migration_rules.h"

namespace bhlint {

/// Nothing: something is wrong with it, and said in `errors`.
std::optional<MigrationTarget> readThreadTarget(const SourceValue &value, const RuleSource &source,
                                                std::vector<RuleError> &errors);

} // namespace bhlint
