#include "driver/fix/caller_edit.h"

#include "analysis/migrate/thread_container.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

using llvm::StringRef;

class CallerEditor {
public:
  CallerEditor(const CodeTokens &code, const Root &root, const FixRules &rules)
      : code(code), root(root), rules(rules) {}

  std::vector<CallEdit> run() {
    std::vector<CallEdit> edits;
    if (const std::optional<std::size_t> name = code.at(root.place.line, root.place.column))
      if (auto iterator = rules.iterators.find(code.text(*name)); iterator != rules.iterators.end())
        edits.push_back(iterate(*name, iterator->second));
    for (const auto &[name, fix] : rules.fields)
      if (StringRef(root.why + ",").contains(" " + fix.owner + "." + name + ","))
        edits.push_back(toField(name, fix));
    return edits;
  }

private:
  static CallEdit refused(std::string why) { return {{}, {}, {}, std::move(why)}; }
  bool isMember(std::size_t at) const { return at > 0 && isOneOf(code.text(at - 1), {"->", "."}); }

  void replace(CallEdit &edit, unsigned from, unsigned to, std::string text) const {
    edit.edits.push_back({{root.place.file, from, to, 0, 0}, std::move(text), 0});
  }

  /// Whether the file sets a field that is known to be called so that this may be done to the function that the call is
  /// in.
  CallEdit iterate(std::size_t call, const IteratorFix &fix) const {
    const std::optional<DefinedFunction> caller = definitionAround(code, call);
    if (!caller)
      return refused("where " + code.text(call).str() + "() is called can't be told");
    const StringRef name = code.text(caller->name);
    bool isKnown = false;
    for (std::size_t i = 2; i < code.size(); ++i) {
      if (code.text(i) != name || i == caller->name)
        continue;
      const bool isSet =
          code.is(i - 1, "=") && fix.fields.contains(code.text(i - 2)) && isMember(i - 2) && isIn(i, fix.owner);
      const bool isDeclared = code.is(i + 1, "(") && code.is(code.closing(i + 1) + 1, ";") && code.isWord(i - 1) &&
                              !code.is(i - 1, "return");
      if (!isSet && !isDeclared)
        return refused(name.str() + "() is called otherwise than as one of the " + fix.owner +
                       " that are known to hold what it needs");
      isKnown = isKnown || isSet;
    }
    if (!isKnown)
      return refused("what " + name.str() + "() is called with is not known");
    CallEdit edit;
    replace(edit, code.begin(call), code.end(call), fix.by);
    edit.what = code.text(call).str() + "() becomes " + fix.by + "(), where " + root.function + "() may sleep";
    edit.note = fix.note;
    return edit;
  }

  /// In the initialiser of an object of that structure: `struct owner name = { ... }`.
  bool isIn(std::size_t at, StringRef owner) const {
    const std::size_t open = code.enclosing(at);
    return code.is(open, "{") && open > 3 && code.is(open - 1, "=") && code.text(open - 3) == owner;
  }

  CallEdit toField(StringRef field, const FieldFix &fix) const {
    const StringRef handler = root.function;
    std::optional<DefinedFunction> body;
    CallEdit edit;
    bool isSet = false;
    for (std::size_t i = 2; i + 1 < code.size(); ++i) {
      if (code.text(i) == field && isMember(i) && code.is(i + 1, "(") && !isTested(i))
        return refused("the file calls '" + field.str() + "' itself, without a look at whether it is set");
      if (code.text(i) != handler || isMember(i))
        continue;
      const bool isHere = code.is(i - 1, "=") && code.text(i - 2) == field;
      const bool isFunction =
          code.is(i + 1, "(") && isOneOf(code.text(code.closing(i + 1) + 1), {"{", ";"}) && code.is(i - 1, "void");
      if (code.is(i + 1, "(") && isOneOf(code.text(i - 1), {";", "{", "}", ")", "else"}))
        continue; // called, as a statement
      if (!isHere && !isFunction)
        return refused("its handler is also used otherwise");
      if (isHere) {
        replace(edit, code.begin(i - 2), code.end(i - 2), fix.by);
        isSet = true;
        continue;
      }
      if (!fix.result.empty())
        replace(edit, code.begin(i - 1), code.end(i - 1), fix.result);
      if (code.is(code.closing(i + 1) + 1, "{"))
        body = definitionAround(code, code.closing(i + 1) + 2);
    }
    if (!body || !isSet)
      return refused("its handler is not set by what is written there");
    if (!fix.result.empty())
      addResults(edit, *body, fix.success);
    edit.what = handler.str() + "() is set as '" + fix.by + "', which may sleep, instead of '" + field.str() + "'";
    edit.note = "it is called later, from a work item, where its caller can't sleep";
    return edit;
  }

  /// `if (a->field) a->field(...)`.
  bool isTested(std::size_t at) const {
    for (std::size_t i = at; i-- > 0 && !isOneOf(code.text(i), {";", "{", "}"});)
      if (code.is(i, ")") && code.is(code.opening(i) - 1, "if"))
        for (std::size_t in = code.opening(i); in < i; ++in)
          if (code.text(in) == code.text(at) && !code.is(in + 1, "("))
            return true;
    return false;
  }

  void addResults(CallEdit &edit, const DefinedFunction &body, const std::string &success) const {
    for (std::size_t i = body.open; i < body.close; ++i)
      if (code.is(i, "return") && code.is(i + 1, ";"))
        replace(edit, code.end(i), code.end(i), " " + success);
    if (code.is(body.close - 1, ";") && code.is(body.close - 2, "return"))
      return;
    const std::string whole = code.whole().str();
    const auto line = static_cast<unsigned>(whole.rfind('\n', code.begin(body.close)) + 1);
    replace(edit, line, line, "\n\treturn " + success + ";\n");
  }

  const CodeTokens &code;
  const Root &root;
  const FixRules &rules;
};

} // namespace

std::vector<CallEdit> editCaller(const CodeTokens &code, const Root &root, const FixRules &rules) {
  return CallerEditor(code, root, rules).run();
}

} // namespace bhlint
