#include "driver/fix/loop_rounds.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

using llvm::StringRef;

/// Tokens [from, to).
struct Part {
  std::size_t from = 0, to = 0;
};

class LoopRounds {
public:
  LoopRounds(const CodeTokens &code, std::size_t place) : code(code), place(place), function(code.functionAround(place)) {}

  std::optional<std::uint64_t> run() {
    if (isJumpedBackOver())
      return std::nullopt;
    std::uint64_t rounds = 1;
    bool isBehindStatement = false; // what is before it, in the same block, doesn't lead to it
    for (std::size_t i = place; i-- > function.first;) {
      std::optional<std::uint64_t> here = 1;
      if (code.is(i, ")") || code.is(i, "]")) {
        const std::size_t open = code.opening(i);
        if (!isBehindStatement && open > 0)
          here = roundsOfHead(open - 1, {open + 1, i});
        i = open;
      } else if (code.is(i, "}")) {
        i = code.opening(i);
        isBehindStatement = true;
      } else if (code.is(i, ";")) {
        isBehindStatement = true;
      } else if (code.is(i, "else") && !isBehindStatement) {
        i = conditionOf(i);
      } else if (code.is(i, "do") && !isBehindStatement) {
        here = roundsOfDo(i);
      } else if (code.is(i, "(")) {
        here = i > 0 ? roundsOfHead(i - 1, {i + 1, code.closing(i)}) : 1; // it is in the head itself
      } else if (code.is(i, "{")) {
        isBehindStatement = false;
      }
      if (!here)
        return std::nullopt;
      rounds *= *here;
      if (rounds > most)
        return std::nullopt;
    }
    return rounds;
  }

private:
  static constexpr std::uint64_t most = 1u << 20;

  /// A label before it that something behind it goes to.
  bool isJumpedBackOver() const {
    for (std::size_t i = place; i < function.second; ++i) {
      if (!code.is(i, "goto"))
        continue;
      for (std::size_t at = function.first; at < place; ++at)
        if (code.is(at + 1, ":") && code.text(at) == code.text(i + 1) && !code.is(at - 1, "goto") && !code.is(at - 1, "?"))
          return true;
    }
    return false;
  }

  /// The `if` that an `else` belongs to.
  std::size_t conditionOf(std::size_t at) const {
    std::size_t i = at - 1;
    if (code.is(i, "}"))
      i = code.opening(i);
    while (i > function.first && !code.is(i, "if"))
      --i;
    return i;
  }

  /// `name (part)` before what it is the head of.
  std::optional<std::uint64_t> roundsOfHead(std::size_t name, Part part) const {
    if (code.is(name, "for"))
      return roundsOfFor(part);
    if (code.is(name, "while"))
      return countedDown(part);
    const bool isMacro = code.isWord(name) && !isOneOf(code.text(name), {"if", "switch", "return", "sizeof"}) &&
                         (code.is(part.to + 1, "{") || code.isWord(part.to + 1));
    if (isMacro)
      return std::nullopt; // list_for_each() and the like
    return 1;
  }

  std::optional<std::uint64_t> roundsOfDo(std::size_t at) const {
    std::size_t end = code.is(at + 1, "{") ? code.closing(at + 1) + 1 : at + 1;
    while (end < function.second && !code.is(end, "while"))
      ++end;
    const Part condition{end + 2, code.closing(end + 1)};
    if (condition.to <= condition.from)
      return std::nullopt;
    if (std::optional<std::uint64_t> value = code.constant(condition.from, condition.to))
      return *value == 0 ? std::optional<std::uint64_t>(1) : std::nullopt;
    return countedDown(condition);
  }

  /// `for (i = A; i < B; i++)`, and downwards.
  std::optional<std::uint64_t> roundsOfFor(Part part) const {
    std::size_t first = part.from, second = 0;
    while (first < part.to && !code.is(first, ";"))
      ++first;
    for (second = first + 1; second < part.to && !code.is(second, ";");)
      ++second;
    if (second >= part.to)
      return std::nullopt;
    const Part condition{first + 1, second}, step{second + 1, part.to};
    for (std::size_t i = condition.from; i < condition.to; ++i) {
      if (!code.isWord(i) || !isBoundary(i - 1, condition))
        continue;
      const StringRef name = code.text(i);
      const std::optional<std::uint64_t> start = startOf(name, part.from, first);
      if (start && isStep(step, name, "++") && isOneOf(code.text(i + 1), {"<", "<="})) {
        const std::size_t end = endOfOperand(i + 2, condition);
        const std::optional<std::uint64_t> bound = code.constant(i + 2, end);
        if (bound && isChangedOnce(name, part))
          return *bound > *start ? *bound - *start + code.is(i + 1, "<=") : 1;
      }
      if (start && isStep(step, name, "--") && isChangedOnce(name, part))
        return *start + 1;
    }
    return std::nullopt;
  }

  /// `while (n--)`, `while (cond && --n > 0)`: as often as what `n` begins with.
  std::optional<std::uint64_t> countedDown(Part condition) const {
    for (std::size_t i = condition.from; i < condition.to; ++i)
      if (code.is(i, "||"))
        return std::nullopt;
    for (std::size_t i = condition.from; i < condition.to; ++i) {
      if (!code.is(i, "--"))
        continue;
      const std::size_t name = code.isWord(i + 1) && i + 1 < condition.to ? i + 1 : i - 1;
      const std::size_t before = std::min(name, i), behind = std::max(name, i) + 1;
      if (!code.isWord(name) || !isBoundary(before - 1, condition))
        continue;
      const bool isTested = behind == condition.to || code.is(behind, "&&") ||
                            (code.is(behind, ">") && code.is(behind + 1, "0"));
      const std::optional<std::uint64_t> start = onlyValueOf(code.text(name), i);
      if (isTested && start)
        return *start + 1;
    }
    return std::nullopt;
  }

  bool isBoundary(std::size_t token, Part condition) const {
    return token < condition.from || code.is(token, "&&") || code.is(token, "(");
  }
  std::size_t endOfOperand(std::size_t from, Part condition) const {
    while (from < condition.to && !code.is(from, "&&") && !code.is(from, "||"))
      ++from;
    return from;
  }
  bool isStep(Part step, StringRef name, StringRef what) const {
    return step.to == step.from + 2 && ((code.text(step.from) == name && code.text(step.from + 1) == what) ||
                                        (code.text(step.from) == what && code.text(step.from + 1) == name));
  }

  /// Of the first part of a `for`, else what it has before the loop.
  std::optional<std::uint64_t> startOf(StringRef name, std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i + 1 < to; ++i)
      if (code.text(i) == name && code.is(i + 1, "=")) {
        std::size_t end = i + 2;
        while (end < to && !code.is(end, ","))
          ++end;
        return code.constant(i + 2, end);
      }
    return from == to ? onlyValueOf(name, to) : std::nullopt;
  }

  bool isChange(std::size_t at) const {
    return isOneOf(code.text(at + 1), {"=", "+=", "-=", "*=", "/=", "++", "--", "<<=", ">>=", "&=", "|="}) ||
           (at > 0 && isOneOf(code.text(at - 1), {"++", "--", "&"}));
  }

  /// Nothing but the head changes it, inside the function; other loops before and behind it may.
  bool isChangedOnce(StringRef name, Part head) const {
    const std::size_t body = head.to + 1;
    const std::size_t end = code.is(body, "{") ? code.closing(body) : place;
    for (std::size_t i = body; i < end; ++i)
      if (code.text(i) == name && isChange(i) && !isMember(i))
        return false;
    return true;
  }
  bool isMember(std::size_t at) const { return at > 0 && isOneOf(code.text(at - 1), {"->", "."}); }

  /// The constant that a local variable is given once in its function, and that only the place at `counted` changes.
  std::optional<std::uint64_t> onlyValueOf(StringRef name, std::size_t counted) const {
    std::optional<std::uint64_t> value;
    for (std::size_t i = function.first; i < function.second; ++i) {
      if (code.text(i) != name || isMember(i) || !isChange(i))
        continue;
      if (i + 1 == counted || (counted > 0 && i - 1 == counted))
        continue;
      std::size_t end = i + 2;
      while (end < function.second && !isOneOf(code.text(end), {";", ","}))
        ++end;
      if (!code.is(i + 1, "=") || value)
        return std::nullopt;
      value = code.constant(i + 2, end);
      if (!value)
        return std::nullopt;
    }
    return value;
  }

  const CodeTokens &code;
  const std::size_t place;
  const std::pair<std::size_t, std::size_t> function;
};

/// The head of the loop that the block is the body of; nothing: it is another block.
std::optional<Part> headOf(const CodeTokens &code, std::size_t block) {
  if (code.is(block - 1, "do")) {
    const std::size_t condition = code.closing(block) + 2;
    return Part{condition + 1, code.closing(condition)};
  }
  if (!code.is(block - 1, ")"))
    return std::nullopt;
  const std::size_t open = code.opening(block - 1);
  return open > 0 && isOneOf(code.text(open - 1), {"for", "while"}) ? std::optional(Part{open + 1, block - 1})
                                                                    : std::nullopt;
}

} // namespace

bool isLeftEarly(const CodeTokens &code, std::size_t place) {
  for (std::size_t block = code.enclosing(place); code.is(block, "{") && block > 0;) {
    if (const std::optional<Part> head = headOf(code, block)) {
      for (std::size_t i = head->from; i < head->to; ++i)
        if (code.is(i, "&&"))
          return true;
      for (std::size_t i = block; i < code.closing(block); ++i)
        if (isOneOf(code.text(i), {"break", "return"}))
          return true;
      return false;
    }
    const std::size_t around = code.enclosing(block);
    if (around == block)
      break;
    block = around;
  }
  return false;
}

std::optional<std::uint64_t> roundsOf(const CodeTokens &code, std::size_t place) {
  return LoopRounds(code, place).run();
}

} // namespace bhlint
