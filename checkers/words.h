// Words: what checkers call functions, places and locks in messages.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/program/lock_walk.h"

#include <map>
#include <string>

namespace bhlint {

std::string nameOf(const Program &program, FunctionId id);
SourcePlace placeOf(const Program &program, const Place &place);
/// The macro that the call was written through, else the function; empty for calls through pointers.
std::string calleeOf(const Program &program, const BodyEvent &event);
/// "foo.lock" of a field, or the name of a global.
std::string textOf(const Program &program, const LockName &lock);

/// A finding of `rule` at an event of `function`: what it says of itself. It is not replayed.
Finding findingAt(const Program &program, const Rule &rule, FunctionId function, std::uint32_t event);

/// Calls on the way from a root to what is told, the root's first: function, event.
using CallWay = std::vector<std::pair<FunctionId, std::uint32_t>>;
/// Puts the root and the calls at the end of the chain.
void tellWay(const Program &program, const ContextRoot &root, const CallWay &way, Finding &finding);
/// At most medium confidence, and why.
void doubt(Finding &finding, std::string assumption);

/// A message with its {placeholders} filled in.
std::string fill(std::string text, const std::map<std::string, std::string> &values);

/// What the rule suggests in that case, with its {placeholders} filled in; nothing where it has no such row.
Suggestion suggestionOf(const Rule &rule, std::string_view when, const std::map<std::string, std::string> &values);

} // namespace bhlint
