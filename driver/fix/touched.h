// TouchedCode: which functions the edits of findings have to do with.
//
// It decides whether an edit can have brought a finding: one whose whole way, from its root to what sleeps, is through
// other functions was as true before. It was not said then because another sleep of the same callee was, which is gone
// now.
#pragma once

#include "driver/fix/call_edit.h"

#include <functional>
#include <set>

namespace bhlint {

class TouchedCode {
public:
  using Tokens = std::function<const CodeTokens *(const std::string &file)>;

  /// An edit of `finding`. What isn't inside of a function touches everything.
  void add(const Finding &finding, const CallEdit &edit, const Tokens &tokensOf);
  /// Not known: yes.
  bool isOnWayOf(const Finding &finding) const;
  /// Whether the finding names one of the functions.
  bool isNamedBy(const Finding &finding) const;

private:
  std::set<std::string> functions;
  bool isAll = false;
};

} // namespace bhlint
