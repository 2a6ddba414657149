// RuleSource: one YAML file as located values, before anything is known about rules.
//
// It is the only code that sees a YAML parser. What the keys mean, which are required and what they become is in
// record_reader.h and the compile_*.cpp; this file only keeps text, structure and where each piece stands. YAML's
// anchors, aliases, tags and several documents in one file are refused: data here is read by people, and by one reader.
#pragma once

#include "analysis/ruleset/rule_set.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

#include <string>
#include <utility>
#include <vector>

namespace bhlint {

/// Something wrong in a rule file. `where.line` 0: the file as a whole (it cannot be opened).
struct RuleError {
  RuleLocation where;
  std::string message;
};

void report(std::vector<RuleError> &errors, const RuleLocation &where, const llvm::Twine &message);

/// A scalar with its place; 1-based. `isQuoted` tells "true" from true.
struct SourceText {
  std::string text;
  unsigned line = 0;
  unsigned column = 0;
  bool isQuoted = false;
};

struct SourceValue {
  enum class Kind { Null, Text, List, Map };
  Kind kind = Kind::Null;
  SourceText scalar;               ///< its place is set for every kind; its text for Text only
  std::vector<SourceText> keys;    ///< of a Map, as written and in order
  std::vector<SourceValue> values; ///< of a List, or of a Map's `keys`
};

struct RuleSource {
  std::string file;
  SourceValue root;
};

/// Nesting beyond this is refused, so that hostile input cannot exhaust the stack.
inline constexpr unsigned maxSourceDepth = 16;

/// Never fails: what cannot be read is reported in `errors` and left out.
RuleSource readSource(llvm::StringRef text, llvm::StringRef file, std::vector<RuleError> &errors);

} // namespace bhlint
