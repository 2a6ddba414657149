#include "driver/fix/lock_edit.h"

#include "analysis/migrate/thread_container.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <set>

namespace bhlint {

namespace {

using llvm::StringRef;

/// Tokens [from, to].
struct Statement {
  std::size_t from = 0, to = 0;
};

class LockEditor {
public:
  LockEditor(const CodeTokens &code, const HeldCall &held, const FixRules &rules, std::size_t call)
      : code(code), file(held.place.file), sink(held.sink), rules(rules), call(call) {
    if (held.taken)
      taken = code.at(held.taken->line, held.taken->column);
    if (taken && !code.is(*taken + 1, "(") && code.is(code.enclosing(*taken), "("))
      taken = code.enclosing(*taken) - 1; // a macro's argument
  }

  std::vector<CallEdit> run() {
    std::string why = readStatement();
    if (why.empty())
      why = findLock();
    if (why.empty())
      why = whyNotWithout();
    if (const std::optional<DefinedFunction> own = definitionHere(); own && why.empty() && !mayLeave(*own))
      why = code.text(call).str() + "() is this file's own, and may rely on the lock";
    if (!why.empty())
      return {CallEdit{{}, {}, {}, why}};
    std::vector<CallEdit> edits;
    if (!isAround && isIdle(take.to + 1, statement.from))
      edits.push_back(moved(linesOf(take).first, "before"));
    else if (isIdle(statement.to + 1, give.from))
      edits.push_back(moved(linesOf(give).second, "behind"));
    else if (!isAround && isApart())
      edits.push_back(unlocked());
    if (edits.empty())
      edits.push_back({{}, {}, {}, "what is done under " + lockText() + " can't be told to be independent of it"});
    return edits;
  }

private:
  /// `f(...);` or `local = f(...);`, alone on its lines, in a block, or all that an `if` there decides.
  std::string readStatement() {
    const std::string no = "it is not a statement of its own, to be moved out of a lock";
    std::size_t from = call;
    if (code.is(call - 1, "=") && code.isWord(call - 2) && isOneOf(code.text(call - 3), {";", "{", "}"})) {
      from = call - 2;
      assigned = code.text(from);
    }
    const std::size_t close = code.closing(call + 1);
    const std::size_t condition = code.is(from - 1, ")") ? code.opening(from - 1) : 0;
    if (condition > 0 && code.is(condition - 1, "if") && !code.is(close + 2, "else"))
      from = condition - 1;
    if (!code.is(call + 1, "(") || !isOneOf(code.text(from - 1), {";", "{", "}"}) || !code.is(close + 1, ";"))
      return no;
    statement = {from, close + 1};
    return linesFor(statement) ? "" : no;
  }

  std::optional<DefinedFunction> definitionHere() const {
    for (std::size_t i = 1; i + 1 < code.size(); ++i)
      if (code.text(i) == code.text(call) && code.is(i + 1, "(") && code.is(code.closing(i + 1) + 1, "{"))
        if (const auto function = definitionAround(code, code.closing(i + 1) + 2); function && function->name == i)
          return function;
    return std::nullopt;
  }

  /// Whether the file's own function may be called without the lock: it is, elsewhere; or it does nothing but sleep.
  bool mayLeave(const DefinedFunction &own) const {
    for (std::size_t i = own.open; i < own.close; ++i)
      if (rules.locks.contains(code.text(i)) || rules.mutexes.contains(code.text(i)) || isGiver(code.text(i)))
        return false;
    return isCalledWithout(own) || onlySleeps(own);
  }

  bool isGiver(StringRef name) const {
    return llvm::any_of(rules.locks, [&](const auto &lock) { return lock.second == name; });
  }

  /// Behind the lock in the same function; or in a callback that takes no lock: one that the file doesn't call itself.
  bool isCalledWithout(const DefinedFunction &own) const {
    const std::optional<DefinedFunction> here = definitionAround(code, call);
    for (std::size_t i = 0; i < code.size(); ++i) {
      if (code.text(i) != code.text(call) || i == call || i == own.name || !code.is(i + 1, "("))
        continue;
      const std::optional<DefinedFunction> other = definitionAround(code, i);
      if (!other || !here)
        continue;
      if (other->name == here->name ? i > give.to && !takesAny(give.to, i)
                                    : !takesAny(other->open, other->close) && isCallback(*other))
        return true;
    }
    return false;
  }

  bool takesAny(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i)
      if (code.is(i + 1, "(") && (rules.locks.contains(code.text(i)) || code.text(i) == code.text(take.from)))
        return true;
    return false;
  }

  /// Named as a value, and called nowhere.
  bool isCallback(const DefinedFunction &function) const {
    bool isNamed = false;
    for (std::size_t i = 1; i + 1 < code.size(); ++i) {
      if (code.text(i) != code.text(function.name) || i == function.name)
        continue;
      const bool isDeclared = code.is(i + 1, "(") && code.is(code.closing(i + 1) + 1, ";") && code.isWord(i - 1);
      if (code.is(i + 1, "(") && !isDeclared)
        return false;
      isNamed = isNamed || !isDeclared;
    }
    return isNamed;
  }

  /// Its one call that isn't harmless is the one that sleeps, it sets nothing, and it follows nothing but addresses.
  bool onlySleeps(const DefinedFunction &own) const {
    for (std::size_t i = own.open; i < own.close; ++i) {
      const bool isCall = code.isWord(i) && code.is(i + 1, "(") && !isOneOf(code.text(i), {"if", "return"});
      if (isCall && code.text(i) != sink && !rules.pure.contains(code.text(i)))
        return false;
      if (isOneOf(code.text(i), {"=", "++", "--", "+=", "-=", "|=", "&=", "*"}) || (isVariable(i) && isRead(i)))
        return false;
    }
    return true;
  }

  std::optional<std::pair<unsigned, unsigned>> linesFor(const Statement &of) const {
    return code.linesOf(of.from, of.to);
  }
  std::pair<unsigned, unsigned> linesOf(const Statement &of) const { return *linesFor(of); }

  /// The statement that begins at `token`: a call of one of the locks' names; nothing else is.
  std::optional<Statement> lockCall(std::size_t token) const {
    if (!code.is(token + 1, "(") || token == 0 || !isOneOf(code.text(token - 1), {";", "{", "}", ":"}))
      return std::nullopt;
    const Statement found{token, code.closing(token + 1) + 1};
    return code.is(found.to, ";") && linesFor(found) ? std::optional(found) : std::nullopt;
  }

  /// What is locked, as it is written: the first argument.
  std::string lockOf(const Statement &at) const {
    auto arguments = code.arguments(at.from);
    return arguments && !arguments->empty() ? code.source(arguments->front().first, arguments->front().second) : "";
  }

  std::string lockText() const { return code.source(take.from, take.to); }

  /// The lock that is taken before the statement and given back behind it, in its block; or taken before the block, where that gives it
  /// back on its way out.
  std::string findLock() {
    std::size_t block = code.enclosing(call), end = code.closing(block), before = statement.from;
    while (!findTake(block, before)) {
      const std::size_t around = code.enclosing(block);
      if (around == block || !code.is(around, "{"))
        return "no lock is taken before it in the same block";
      isAround = true;
      before = block;
      block = around;
    }
    for (std::size_t i = statement.to + 1; i < end; ++i) {
      if (code.text(i) == giveName)
        if (auto found = lockCall(i); found && lockOf(*found) == lockOf(take)) {
          give = *found;
          return {};
        }
      if (isOneOf(code.text(i), {"(", "[", "{"}))
        i = code.closing(i);
    }
    return lockText() + " is not given back in the same block";
  }

  /// What gives back what the call at `token` takes; empty: it takes nothing. A wrapper that is known to take the lock
  /// has one of its name.
  std::string giverOf(std::size_t token) const {
    const StringRef name = code.text(token);
    if (auto lock = rules.locks.find(name); lock != rules.locks.end())
      return lock->second;
    const std::size_t at = taken == token ? name.rfind("lock") : StringRef::npos;
    if (at == StringRef::npos || name.substr(0, at).ends_with("un"))
      return {};
    return (name.substr(0, at) + "un" + name.substr(at)).str();
  }

  /// What is taken in the block before `to`, and not given back there.
  bool findTake(std::size_t block, std::size_t to) {
    bool isTaken = false;
    for (std::size_t i = block + 1; i < to; ++i) {
      if (const std::string gives = giverOf(i); !gives.empty())
        if (auto found = lockCall(i)) {
          take = *found;
          giveName = gives;
          isTaken = true;
        }
      if (isTaken && code.text(i) == giveName && lockOf({i, i}) == lockOf(take))
        isTaken = false;
      if (isOneOf(code.text(i), {"(", "[", "{"}))
        i = code.closing(i);
    }
    return isTaken;
  }

  bool isVariable(std::size_t i) const {
    return code.isWord(i) && !code.is(i + 1, "(") && !isOneOf(code.text(i - 1), {"->", "."});
  }

  /// Of `a->b`, and not its address.
  bool isRead(std::size_t i) const {
    return isOneOf(code.text(i + 1), {"->", ".", "["}) &&
           !(code.is(i - 1, "&") && isOneOf(code.text(i - 2), {"(", ",", "="}));
  }

  bool isChange(std::size_t i) const {
    return isOneOf(code.text(i + 1), {"=", "+=", "-=", "|=", "&=", "++", "--"}) || isOneOf(code.text(i - 1), {"++", "--"}) ||
           (code.is(i - 1, "&") && !isOneOf(code.text(i + 1), {"->", "."}));
  }

  /// `a->b`, which the file sets in one place only: in this function, before it takes the lock.
  bool isSetBefore(std::size_t i) const {
    if (!code.is(i + 1, "->") || !isOneOf(code.text(i + 3), {",", ")"}))
      return false;
    unsigned before = 0;
    const auto [open, close] = code.functionAround(call);
    for (std::size_t at = 1; at < code.size(); ++at) {
      if (code.text(at) != code.text(i + 2) || !code.is(at - 1, "->") || !isChange(at))
        continue;
      if (at < open || at > take.from || code.text(at - 2) != code.text(i))
        return false;
      ++before;
    }
    return before == 1;
  }

  /// Why the call can't be made without the lock, wherever it is moved to.
  std::string whyNotWithout() const {
    const std::string lock = lockOf(take);
    const StringRef holder = StringRef(lock).ltrim("&(* ").take_while([](char c) { return c == '_' || llvm::isAlnum(c); });
    if (code.is(statement.from, "if") && StringRef(lock).find_first_of(".>") == StringRef::npos)
      return "what decides it may be what " + lockText() + " protects";
    for (std::size_t i = statement.from; i < statement.to; ++i) {
      if (code.isWord(i) && i != call && !code.is(i, "if") && code.is(i + 1, "(") && !rules.pure.contains(code.text(i)))
        return "what " + code.text(i).str() + "() does without " + lockText() + " is not known";
      if (!isVariable(i) || (code.text(i) == assigned && code.is(i + 1, "=")))
        continue;
      if (isRead(i) && (holder.empty() || code.text(i) == holder) && !isSetBefore(i))
        return "it is given what " + lockText() + " may protect";
      for (std::size_t at = take.to + 1; at < statement.from; ++at)
        if (code.text(at) == code.text(i) && isVariable(at) && isChange(at))
          return "'" + code.text(i).str() + "' is set under " + lockText();
    }
    return {};
  }

  /// Nothing in [from, to) decides whether the call is made, depends on it, or is seen outside of the function.
  bool isIdle(std::size_t from, std::size_t to) const {
    std::set<StringRef> used;
    for (std::size_t i = statement.from; i < statement.to; ++i)
      if (isVariable(i))
        used.insert(code.text(i));
    for (std::size_t i = from; i < to; ++i) {
      const bool isCall = code.isWord(i) && code.is(i + 1, "(") && !rules.pure.contains(code.text(i));
      if (isCall || isOneOf(code.text(i), {"#", ":", "return", "goto", "break", "continue", "(", "{", "->", ".", "[", "*"}))
        return false;
      if (isVariable(i) && (code.text(i) == assigned || (used.count(code.text(i)) && isChange(i))))
        return false;
    }
    return true;
  }

  /// The parts under the lock before and behind the call have no variable and no member in common that the first sets or
  /// looks at, and neither leaves.
  bool isApart() const {
    std::set<StringRef> seen;
    for (std::size_t i = take.to + 1; i < give.from; ++i) {
      if (i == statement.from)
        i = statement.to + 1;
      if (isOneOf(code.text(i), {"#", ":", "return", "goto", "break", "continue"}))
        return false;
      if (!code.isWord(i) || code.is(i + 1, "("))
        continue;
      const bool isMember = isOneOf(code.text(i - 1), {"->", "."});
      if (i < statement.from && (isMember || isChange(i)))
        seen.insert(code.text(i));
      if (i > statement.to && seen.count(code.text(i)))
        return false;
    }
    return true;
  }

  std::string callText() const { return code.text(call).str() + "()"; }

  CallEdit moved(unsigned to, StringRef where) const {
    auto [begin, end] = linesOf(statement);
    const std::string text = code.slice(begin, end).str();
    if (code.slice(0, begin).ends_with("\n\n") && code.slice(end, end + 1) == "\n")
      ++end; // of two empty lines, one
    CallEdit edit;
    edit.edits = {{{file, begin, end, 0, 0}, "", 0}, {{file, to, to, 0, 0}, text, 0}};
    edit.what = callText() + " moves " + where.str() + " the part that holds " + lockText();
    edit.note = "it is no longer done under the lock, which nothing that it is given shows a need for";
    return edit;
  }

  CallEdit unlocked() const {
    const auto [begin, end] = linesOf(statement);
    const StringRef line = code.slice(begin, end);
    const std::string indent = line.take_while([](char c) { return c == ' ' || c == '\t'; }).str();
    CallEdit edit;
    edit.edits = {{{file, begin, begin, 0, 0}, indent + code.source(give.from, give.to + 1) + "\n", 0},
                  {{file, end, end, 0, 0}, indent + code.source(take.from, take.to + 1) + "\n", 0}};
    edit.what = code.source(take.from, take.to) + " is given back around " + callText();
    edit.note = "what the lock protects may change meanwhile; what is done under it before and behind has nothing in common";
    return edit;
  }

  const CodeTokens &code;
  const std::string file, sink;
  const FixRules &rules;
  const std::size_t call;
  std::optional<std::size_t> taken; ///< where the lock is known to be taken
  Statement statement, take, give;
  std::string giveName;
  bool isAround = false; ///< taken before the block of the statement
  StringRef assigned; ///< local variable; empty: none
};

} // namespace

std::vector<CallEdit> editLock(const CodeTokens &code, const HeldCall &held, const FixRules &rules) {
  const std::optional<std::size_t> name = code.at(held.place.line, held.place.column);
  if (!name || *name < 3 || !code.isWord(*name))
    return {CallEdit{{}, {}, {}, "it is not written as a call here"}};
  return LockEditor(code, held, rules, *name).run();
}

} // namespace bhlint
