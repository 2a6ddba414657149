// CallEdit: the form of one sleeping call that is fit for atomic context, if there is one that holds.
//
// It is decided from the text of the function alone. That the edited code has no finding any more is fix.h.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/migrate/plan.h"
#include "analysis/migrate/code_tokens.h"
#include "driver/fix/fix_rules.h"

#include <functional>

namespace bhlint {

struct CallEdit {
  std::vector<TextEdit> edits;
  std::string what;    ///< "GFP_KERNEL becomes GFP_ATOMIC; its failure is looked at"
  std::string note;    ///< what changes with it; empty: nothing to say
  std::string refusal; ///< why there is no edit
};

/// What the text of the call's file does not say. Null: it isn't known here.
struct CallFacts {
  /// The greatest number that a function of the file is given, where that is a constant in all its calls.
  std::function<std::optional<std::uint64_t>(const std::string &file, const std::string &function, unsigned parameter)> mostGiven;
  /// Whether a function of other files has no result.
  std::function<bool(const std::string &function)> returnsNothing;
};

/// `isLast`: it runs when the machine goes down, where nothing else waits for the CPU.
CallEdit editCall(const CodeTokens &code, const Finding &finding, bool isLast, const FixRules &rules,
                  const CallFacts &facts);

} // namespace bhlint
