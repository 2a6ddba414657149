#include "driver/fix/mutex_edit.h"

#include "analysis/migrate/apply.h"
#include "analysis/migrate/thread_container.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace bhlint {

namespace {

using llvm::StringRef;

class MutexEditor {
public:
  MutexEditor(const CodeTokens &code, const std::string &file, const FixRules &rules, const WhyAtomic &whyAtomic)
      : code(code), file(file), rules(rules), whyAtomic(whyAtomic) {}

  CallEdit run(std::size_t take) {
    const std::optional<std::size_t> lock = lockOf(take);
    if (!lock)
      return refused(code.text(take).str() + "() has no equal for a mutex");
    name = code.text(*lock);
    std::size_t declarations = 0;
    for (std::size_t i = 1; i + 1 < code.size(); ++i) {
      if (code.text(i) != name)
        continue;
      if (isDeclaration(i))
        ++declarations;
      else if (const std::string why = whyNotUse(i); !why.empty())
        return refused(why);
    }
    if (declarations != 1)
      return refused("'" + name.str() + "' is not declared in its file, or more than one is, so that not all users are in sight");
    for (const std::string &function : takers)
      if (const std::string why = whyAtomic(file, function); !why.empty())
        return refused("'" + name.str() + "' can't be a mutex: " + why);
    llvm::append_range(edit.edits, includeEdit(rules.mutexHeader, code.whole(), file));
    edit.what = "'" + name.str() + "' becomes a mutex, which what takes it may wait for: " + llvm::join(takers, "(), ") + "()";
    edit.note = "what takes it may sleep now where it did not";
    return std::move(edit);
  }

private:
  static CallEdit refused(std::string why) { return {{}, {}, {}, std::move(why)}; }

  void replace(std::size_t token, const std::string &text) {
    edit.edits.push_back({{file, code.begin(token), code.end(token), 0, 0}, text, 0});
  }

  /// The name's token in `spin_lock(&foo->name)`: the last one of the first argument.
  std::optional<std::size_t> lockOf(std::size_t call) const {
    const auto arguments = rules.mutexes.contains(code.text(call)) ? code.arguments(call) : std::nullopt;
    if (!arguments || arguments->size() != 1)
      return std::nullopt;
    const std::size_t last = arguments->front().second - 1;
    return code.isWord(last) && code.is(arguments->front().first, "&") ? std::optional(last) : std::nullopt;
  }

  /// `spinlock_t name;` or `DEFINE_SPINLOCK(name);`, which change.
  bool isDeclaration(std::size_t at) {
    const bool isMacro = code.is(at - 1, "(") && code.is(at + 1, ")");
    const std::size_t type = isMacro ? at - 2 : at - 1;
    auto lockType = rules.lockTypes.find(code.text(type));
    if (lockType == rules.lockTypes.end() || (!isMacro && !code.is(at + 1, ";")) || (isMacro && !code.is(at + 2, ";")))
      return false;
    if (code.enclosing(at) == at && !code.is(type - 1, "static"))
      return false; // which other files may use
    replace(type, lockType->second);
    return true;
  }

  /// Changes the call that it is given to; else why that can't be.
  std::string whyNotUse(std::size_t at) {
    const std::size_t open = code.enclosing(at);
    const std::size_t call = code.is(open, "(") && open > 0 ? open - 1 : at;
    const std::optional<std::size_t> lock = call != at ? lockOf(call) : std::nullopt;
    if (!lock || *lock != at)
      return "'" + name.str() + "' is also used in a way that a mutex has no equal for, at line " + std::to_string(lineOf(at));
    const MutexFix &fix = rules.mutexes.find(code.text(call))->second;
    replace(call, fix.by);
    if (fix.isTaking) {
      const auto function = definitionAround(code, call);
      if (!function)
        return "where '" + name.str() + "' is taken can't be told";
      takers.insert(code.text(function->name).str());
    }
    return {};
  }

  std::size_t lineOf(std::size_t token) const { return code.slice(0, code.begin(token)).count('\n') + 1; }

  const CodeTokens &code;
  const std::string &file;
  const FixRules &rules;
  const WhyAtomic &whyAtomic;
  StringRef name;
  std::set<std::string> takers;
  CallEdit edit;
};

} // namespace

CallEdit editMutex(const CodeTokens &code, const SourcePlace &root, const FixRules &rules, const WhyAtomic &whyAtomic) {
  const std::optional<std::size_t> take = code.at(root.line, root.column);
  if (!take || !code.isWord(*take))
    return {{}, {}, {}, "the lock is not taken by a call that is written there"};
  return MutexEditor(code, root.file, rules, whyAtomic).run(*take);
}

} // namespace bhlint
