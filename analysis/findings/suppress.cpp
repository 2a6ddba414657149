#include "analysis/findings/suppress.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace bhlint {
namespace {

constexpr llvm::StringLiteral marker = "bhlint:";

/// What a comment says, before the rules are looked up.
struct Allowance {
  llvm::SmallVector<llvm::StringRef, 1> rules;
  bool hasReason = false;
};

/// `bhlint: allow(rule, ...) reason`; nothing when the comment does not have that form.
std::optional<Allowance> parseAllowance(llvm::StringRef comment) {
  llvm::StringRef rest = comment.substr(comment.find(marker)).drop_front(marker.size()).ltrim();
  if (!rest.consume_front("allow"))
    return std::nullopt;
  rest = rest.ltrim();
  if (!rest.consume_front("("))
    return std::nullopt;
  const std::size_t close = rest.find(')');
  if (close == llvm::StringRef::npos)
    return std::nullopt;
  Allowance allowance;
  rest.take_front(close).split(allowance.rules, ',');
  for (llvm::StringRef &rule : allowance.rules)
    rule = rule.trim();
  rest = rest.drop_front(close + 1);
  rest.consume_back("*/");
  allowance.hasReason = rest.find_if([](char c) { return llvm::isAlnum(c); }) != llvm::StringRef::npos;
  return allowance;
}

std::string unknownRule(llvm::StringRef rule, llvm::ArrayRef<std::string> knownRules) {
  const auto *nearest = std::min_element(knownRules.begin(), knownRules.end(), [&](const auto &a, const auto &b) {
    return rule.edit_distance(a) < rule.edit_distance(b);
  });
  std::string message = ("no rule is called '" + rule + "'").str();
  if (nearest != knownRules.end() && rule.edit_distance(*nearest) <= std::max<std::size_t>(rule.size() / 2, 2))
    message += "; did you mean '" + *nearest + "'?";
  return message;
}

/// Byte offset of (line, column), both 1-based; nothing when the text has no such place.
std::optional<std::size_t> offsetOf(llvm::StringRef text, const SourcePlace &place) {
  std::size_t offset = 0;
  for (unsigned line = 1; line < place.line; ++line) {
    offset = text.find('\n', offset);
    if (offset == llvm::StringRef::npos)
      return std::nullopt;
    ++offset;
  }
  offset += std::max(place.column, 1u) - 1;
  return offset < text.size() ? std::optional(offset) : std::nullopt;
}

/// Offset behind the comment that begins at `offset`; `offset` itself when none begins there.
std::size_t endOfComment(llvm::StringRef text, std::size_t offset) {
  const llvm::StringRef rest = text.substr(offset);
  if (rest.starts_with("//"))
    return std::min(text.find('\n', offset), text.size());
  if (!rest.starts_with("/*"))
    return offset;
  const std::size_t end = text.find("*/", offset + 2);
  return end == llvm::StringRef::npos ? text.size() : end + 2;
}

/// The line of the first code at or behind `offset`; comments and blanks are no code.
unsigned lineOfNextCode(llvm::StringRef text, std::size_t offset) {
  while (true) {
    offset = std::min(text.find_first_not_of(" \t\r\n\v\f", offset), text.size());
    const std::size_t end = endOfComment(text, offset);
    if (end == offset)
      break;
    offset = end;
  }
  return 1 + static_cast<unsigned>(text.take_front(offset).count('\n'));
}

/// The lines that a comment speaks for.
llvm::SmallVector<unsigned, 2> linesOf(const SourceComment &comment, SourceReader readSource) {
  const unsigned line = comment.place.line;
  const std::optional<llvm::StringRef> text = readSource(comment.place.file);
  const std::optional<std::size_t> begin = text ? offsetOf(*text, comment.place) : std::nullopt;
  if (!begin)
    return {line, line + 1 + static_cast<unsigned>(llvm::StringRef(comment.text).count('\n'))};
  const std::size_t lineBegin = text->rfind('\n', *begin) + 1; // npos + 1 == 0: the first line
  const bool isBehindCode = !text->slice(lineBegin, *begin).trim().empty();
  return {isBehindCode ? line : lineOfNextCode(*text, *begin)};
}

/// file, line, rule
using AllowedPlaces = std::set<std::tuple<std::string, unsigned, std::string>>;

void readComment(const SourceComment &comment, llvm::ArrayRef<std::string> knownRules, SourceReader readSource,
                 AllowedPlaces &allowed, std::vector<SuppressionWarning> &warnings) {
  const std::optional<Allowance> allowance = parseAllowance(comment.text);
  if (!allowance) {
    warnings.push_back({comment.place, "not understood; write `bhlint: allow(rule-id) reason`"});
    return;
  }
  if (!allowance->hasReason) {
    warnings.push_back({comment.place, "`bhlint: allow(...)` has no effect without a reason behind it"});
    return;
  }
  for (const llvm::StringRef rule : allowance->rules) {
    if (!llvm::is_contained(knownRules, rule)) {
      warnings.push_back({comment.place, unknownRule(rule, knownRules)});
      continue;
    }
    for (const unsigned line : linesOf(comment, readSource))
      allowed.emplace(comment.place.file, line, rule.str());
  }
}

} // namespace

SuppressionResult applySuppressions(std::vector<SourceComment> comments, llvm::ArrayRef<std::string> knownRules,
                                    SourceReader readSource, std::vector<Finding> &findings) {
  std::sort(comments.begin(), comments.end());
  comments.erase(std::unique(comments.begin(), comments.end()), comments.end());
  SuppressionResult result;
  AllowedPlaces allowed;
  for (const SourceComment &comment : comments)
    if (llvm::StringRef(comment.text).contains(marker))
      readComment(comment, knownRules, readSource, allowed, result.warnings);
  result.suppressed = static_cast<unsigned>(std::erase_if(findings, [&](const Finding &finding) {
    return allowed.contains({finding.place.file, finding.place.line, finding.rule});
  }));
  return result;
}

} // namespace bhlint
