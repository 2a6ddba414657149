#include "driver/fix/result_use.h"

#include "analysis/migrate/thread_container.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

using llvm::StringRef;

enum class Role { Alone, Tested, Returned, Assigned, Argument };

struct Place {
  Role role = Role::Alone;
  std::size_t token = 0; ///< Assigned: of the operator; Argument: of the function's name
};

class ResultUse {
public:
  ResultUse(const CodeTokens &code, const FixRules &rules, bool isReturnEnough = true)
      : code(code), rules(rules), isReturnEnough(isReturnEnough) {}

  /// What the value that begins at `token` is a part of.
  Place placeOf(std::size_t token) const {
    for (std::size_t i = token; i-- > 0;) {
      const StringRef text = code.text(i);
      if (isOneOf(text, {")", "]"})) {
        const std::size_t open = code.opening(i);
        if (open > 0 && isOneOf(code.text(open - 1), {"if", "while", "for", "switch"}))
          return {Role::Alone, i}; // the statement behind a condition
        i = open;
      } else if (text == "(") {
        if (i > 0 && isOneOf(code.text(i - 1), {"if", "while", "switch"}))
          return {Role::Tested, i};
        if (i > 0 && code.isWord(i - 1) && code.text(i - 1) != "return" && !rules.tests.contains(code.text(i - 1)))
          return {Role::Argument, i - 1};
      } else if (isOneOf(text, {";", "{", "}", "else", "do"}))
        return {Role::Alone, i};
      else if (text == "return")
        return {Role::Returned, i};
      else if (isOneOf(text, {"=", "|=", "+=", "&="}))
        return {Role::Assigned, i};
    }
    return {};
  }

  std::string whyMissed(std::size_t call) const {
    const Place place = placeOf(call);
    switch (place.role) {
    case Role::Tested:
      return {};
    case Role::Returned:
      return isReturnEnough ? "" : "what it returns is only handed on";
    case Role::Alone:
      if (rules.handlesFailure.contains(code.text(call)) || definesWithoutResult(code, code.text(call)))
        return {};
      return "what it returns is not looked at";
    case Role::Argument:
      return "what it returns is handed to " + code.text(place.token).str() + "(), untested";
    case Role::Assigned:
      break;
    }
    if (isOneOf(code.text(place.token), {"|=", "+=", "&="}))
      return {}; // collected, to be looked at as a whole
    const std::size_t from = beginOfObject(place.token);
    if (placeOf(from).role == Role::Tested)
      return {}; // if (!(p = f()))
    return whyUntested(from, place.token);
  }

private:
  /// Of `p`, `*p`, `a->b[i].p` before an assignment.
  std::size_t beginOfObject(std::size_t assignment) const {
    std::size_t i = assignment;
    while (i > 0) {
      --i;
      if (code.is(i, "]") || code.is(i, ")"))
        i = code.opening(i);
      else if (!code.isWord(i))
        return i + 1;
      else if (i == 0 || !isOneOf(code.text(i - 1), {"->", "."}))
        break;
      else
        --i;
    }
    const bool isPointedTo = i > 1 && code.is(i - 1, "*") && !code.isWord(i - 2) && !code.is(i - 2, "*");
    return isPointedTo ? i - 1 : i;
  }

  /// The last token of what follows `else`.
  std::size_t endOfBranch(std::size_t otherwise) const {
    std::size_t i = otherwise + 1;
    while (i < code.size() && !isOneOf(code.text(i), {";", "{"}))
      i = code.is(i, "(") ? code.closing(i) + 1 : i + 1;
    if (!code.is(i, "{"))
      return i;
    i = code.closing(i);
    return code.is(i + 1, "else") ? endOfBranch(i + 1) : i;
  }

  bool isThere(std::size_t at, std::size_t from, std::size_t to) const {
    if (at > 0 && isOneOf(code.text(at - 1), {"->", "."}))
      return false;
    for (std::size_t i = from; i < to; ++i)
      if (at + (i - from) >= code.size() || code.text(at + (i - from)) != code.text(i))
        return false;
    return true;
  }

  std::string whyUntested(std::size_t from, std::size_t to) const {
    const std::string object = code.source(from, to);
    std::size_t i = to;
    while (i < code.size() && !code.is(i, ";"))
      ++i;
    for (; i < code.size() && !(code.is(i, "}") && code.startsLine(i)); ++i) {
      if (code.is(i + 1, "else")) // the other branch is not taken
        i = endOfBranch(i + 1);
      if (!isThere(i, from, to))
        continue;
      const std::size_t behind = i + (to - from);
      const Place place = placeOf(i);
      if (place.role == Role::Tested || (isReturnEnough && place.role == Role::Returned) || code.is(behind, "?"))
        return {};
      const bool isFollowed = code.is(behind, "->") || code.is(behind, "[") || (i > 0 && code.is(i - 1, "*"));
      if (isFollowed || place.role == Role::Argument || code.is(behind, "="))
        return "'" + object + "' is used before its failure is looked at";
    }
    return "the failure of '" + object + "' is not looked at in this function";
  }

  const CodeTokens &code;
  const FixRules &rules;
  const bool isReturnEnough;
};

/// The file's definition of what is called at `call`.
std::optional<DefinedFunction> definitionOf(const CodeTokens &code, std::size_t call) {
  for (std::size_t i = 1; i + 1 < code.size(); ++i)
    if (code.text(i) == code.text(call) && code.is(i + 1, "(") && code.is(code.closing(i + 1) + 1, "{"))
      if (const auto function = definitionAround(code, code.closing(i + 1) + 2); function && function->name == i)
        return function;
  return std::nullopt;
}

} // namespace

bool looksAtFailureItself(const CodeTokens &code, std::size_t call, std::size_t word, const FixRules &rules) {
  const auto arguments = code.arguments(call);
  const std::optional<DefinedFunction> function = definitionOf(code, call);
  if (!arguments || !function || arguments->size() != function->parameters.size())
    return false;
  const auto given =
      llvm::find_if(*arguments, [&](const auto &part) { return part.first <= word && word < part.second; });
  if (given == arguments->end())
    return false;
  const StringRef name = code.text(function->parameters[given - arguments->begin()].second - 1);
  bool isGiven = false;
  for (std::size_t i = function->open; i < function->close; ++i) {
    if (code.text(i) != name || isOneOf(code.text(i - 1), {"->", "."}))
      continue;
    const std::size_t open = code.enclosing(i);
    if (!code.is(open, "(") || !code.isWord(open - 1) ||
        !ResultUse(code, rules, /*isReturnEnough=*/false).whyMissed(open - 1).empty())
      return false;
    isGiven = true;
  }
  return isGiven;
}

bool definesWithoutResult(const CodeTokens &code, StringRef function) {
  for (std::size_t i = 1; i + 1 < code.size(); ++i)
    if (code.text(i) == function && code.is(i - 1, "void") && code.is(i + 1, "(") &&
        code.is(code.closing(i + 1) + 1, "{"))
      return true;
  return false;
}

bool standsAlone(const CodeTokens &code, std::size_t call) {
  return call > 0 && (isOneOf(code.text(call - 1), {";", "{", "}", ")", "else", "do", ":"}));
}

std::string whyFailureIsMissed(const CodeTokens &code, std::size_t call, const FixRules &rules) {
  return ResultUse(code, rules).whyMissed(call);
}

} // namespace bhlint
