// LinkIndex: what link() asks of names, by their text, so that whoever prepares units can answer it on any thread; and
// which definitions the program has already.
#pragma once

#include "analysis/facts/facts.h"
#include "analysis/ruleset/rule_set.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringSet.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_set>
#include <vector>

namespace bhlint {

class LinkIndex {
public:
  /// `rules` must outlive it.
  explicit LinkIndex(const RuleSet &rules);

  const RuleSet &rules;

  /// A macro whose contract says all about its expansion, whatever the arguments, which macros lack here.
  bool saysAll(std::string_view macro) const { return covering.contains(macro); }
  /// Some contract depends on whether a module calls it.
  bool isAsked(std::string_view callee) const { return asked.contains(callee); }

  /// Definitions by a hash of all that makes them one: units that come later need not make their bodies again. Any
  /// number of threads may ask while link() adds. A hash that another definition has, too, costs time and nothing else:
  /// link() looks closer.
  std::vector<bool> areKnown(llvm::ArrayRef<std::uint64_t> definitions) const;
  void addKnown(llvm::ArrayRef<std::uint64_t> definitions);

private:
  llvm::StringSet<> covering, asked;
  mutable std::shared_mutex mutex;
  std::unordered_set<std::uint64_t> known; // any hash may come; DenseSet keeps two for itself
};

} // namespace bhlint
