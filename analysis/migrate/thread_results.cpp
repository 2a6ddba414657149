#include "analysis/migrate/thread_results.h"

namespace bhlint {

namespace {

using llvm::StringRef;

class Waking {
public:
  Waking(const CodeTokens &code, const std::string &file, const DefinedFunction &handler,
         const std::vector<std::size_t> &schedules, const ThreadForm &form)
      : code(code), file(file), handler(handler), schedules(schedules), form(form) {}

  ResultEdits run() {
    for (std::size_t schedule : schedules)
      if (!isStatement(schedule))
        return refused("it is scheduled in an expression");
    const std::size_t from = firstReached();
    std::vector<std::size_t> returns; // behind a place that schedules
    for (std::size_t i = from; i < handler.close; ++i)
      if (code.is(i, "return"))
        returns.push_back(i);
    if (returns.empty())
      return refused("what the interrupt's handler returns is not written in it");
    if (llvm::all_of(returns, [&](std::size_t at) { return returnsWord(at, form.done); }))
      return returnConstant(returns);
    const StringRef variable = code.text(returns.front() + 1);
    if (isResult(variable) && llvm::all_of(returns, [&](std::size_t at) { return returnsWord(at, variable); }))
      return returnVariable(variable, from);
    return refused("what the interrupt's handler returns where it is scheduled can't be told");
  }

private:
  static ResultEdits refused(std::string why) { return {{}, std::move(why)}; }

  std::size_t end(std::size_t call) const { return code.closing(call + 1) + 1; } ///< of the statement: its ';'
  bool isStatement(std::size_t call) const {
    return isOneOf(code.text(call - 1), {";", "{", "}", ")", "else", ":"}) && code.is(end(call), ";");
  }
  bool isInBlock(std::size_t call) const { return isOneOf(code.text(call - 1), {";", "{", "}"}); }
  bool returnsWord(std::size_t at, StringRef word) const { return code.is(at + 1, word) && code.is(at + 2, ";"); }

  TextEdit replace(std::size_t from, std::size_t to, std::string text) const {
    return {{file, code.begin(from), code.end(to), 0, 0}, std::move(text), 0};
  }

  /// The first token that may be reached from a place that schedules: loops go round, and so does a `goto` back.
  std::size_t firstReached() const {
    std::size_t first = schedules.front();
    for (std::size_t at = first, next; (next = code.enclosing(at)) != handler.open && next != at; at = next) {
      const bool isLoop = code.is(next, "{") && (code.is(next - 1, "do") ||
                                                 (code.is(next - 1, ")") &&
                                                  !isOneOf(code.text(code.opening(next - 1) - 1), {"if", "switch"})));
      if (isLoop)
        first = next;
    }
    for (std::size_t i = handler.open; i < handler.close; ++i)
      if (code.is(i, "goto"))
        for (std::size_t label = handler.open; label < i; ++label)
          if (code.text(label) == code.text(i + 1) && code.is(label + 1, ":"))
            return handler.open;
    return first;
  }

  /// A local variable of the type that handlers return.
  bool isResult(StringRef variable) const {
    for (std::size_t i = handler.open; i < handler.close; ++i)
      if (code.text(i) == variable && isOneOf(code.text(i - 1), {form.result, "int"}))
        return true;
    return false;
  }

  /// All return that it was handled: then, or in a variable.
  ResultEdits returnConstant(const std::vector<std::size_t> &returns) {
    ResultEdits result;
    bool isDirect = true;
    for (std::size_t schedule : schedules)
      isDirect = isDirect && isInBlock(schedule) && code.is(end(schedule) + 1, "return") &&
                 removableLines(code, schedule, end(schedule));
    if (isDirect) {
      for (std::size_t schedule : schedules) {
        const auto [begin, behind] = *removableLines(code, schedule, end(schedule));
        result.edits.push_back({{file, begin, behind, 0, 0}, "", 0});
        result.edits.push_back(replace(end(schedule) + 2, end(schedule) + 2, form.wake));
      }
      return result;
    }
    const std::string name = freeName();
    result.edits.push_back({{file, code.end(handler.open), code.end(handler.open), 0, 0},
                            "\n\t" + form.result + " " + name + " = " + form.done + ";", 0});
    for (std::size_t schedule : schedules)
      result.edits.push_back(replace(schedule, end(schedule) - 1, name + " = " + form.wake));
    for (std::size_t at : returns)
      result.edits.push_back(replace(at + 1, at + 1, name));
    return result;
  }

  std::string freeName() const {
    for (const char *name : {"ret", "result", "handled"}) {
      bool isUsed = false;
      for (std::size_t i = handler.name; i < handler.close; ++i)
        isUsed = isUsed || code.is(i, name);
      if (!isUsed)
        return name;
    }
    return "thread_result";
  }

  /// `variable = IRQ_HANDLED;`, at `token`.
  bool setsDone(std::size_t token, StringRef variable) const {
    return code.is(token, variable) && code.is(token + 1, "=") && code.is(token + 2, form.done) &&
           code.is(token + 3, ";");
  }

  /// Nothing that is reached sets the variable, but for the statements beside those that schedule.
  ResultEdits returnVariable(StringRef variable, std::size_t from) {
    ResultEdits result;
    std::set<std::size_t> beside;
    for (std::size_t schedule : schedules) {
      const std::size_t behind = end(schedule) + 1;
      const bool isLined = removableLines(code, schedule, end(schedule)).has_value();
      const bool isBehind = isInBlock(schedule) && setsDone(behind, variable);
      const bool isBefore = isInBlock(schedule) && setsDone(schedule - 4, variable);
      if ((isBehind || isBefore) && isLined) {
        const std::size_t set = isBehind ? behind : schedule - 4;
        const auto [begin, stop] = *removableLines(code, schedule, end(schedule));
        result.edits.push_back({{file, begin, stop, 0, 0}, "", 0});
        result.edits.push_back(replace(set + 2, set + 2, form.wake));
        beside.insert(set);
      } else {
        result.edits.push_back(replace(schedule, end(schedule) - 1, variable.str() + " = " + form.wake));
      }
    }
    for (std::size_t i = from; i < handler.close; ++i)
      if (code.text(i) == variable && !code.is(i - 1, "return") && !beside.count(i) && i + 1 < handler.close &&
          !isOneOf(code.text(i + 1), {"==", "!="}))
        return refused("what the interrupt's handler returns is set again behind the place that schedules it");
    return result;
  }

  const CodeTokens &code;
  const std::string &file;
  const DefinedFunction &handler;
  const std::vector<std::size_t> &schedules; ///< in their order
  const ThreadForm &form;
};

} // namespace

std::optional<std::pair<unsigned, unsigned>> removableLines(const CodeTokens &code, std::size_t from, std::size_t to) {
  auto lines = code.linesOf(from, to);
  const StringRef text = code.whole();
  if (!lines)
    return lines;
  const StringRef gone = text.slice(lines->first, lines->second), before = text.take_front(lines->first);
  if (gone.count("/*") != gone.count("*/"))
    return std::nullopt;
  if (text.substr(lines->second).starts_with("\n") && (before.ends_with("\n\n") || before.ends_with("{\n")))
    ++lines->second;
  return lines;
}

ResultEdits wakeThread(const CodeTokens &code, const std::string &file, const DefinedFunction &handler,
                       const std::vector<std::size_t> &schedules, const ThreadForm &form) {
  return Waking(code, file, handler, schedules, form).run();
}

std::vector<TextEdit> returnDone(const CodeTokens &code, const std::string &file, const DefinedFunction &thread,
                                 const ThreadForm &form) {
  std::vector<TextEdit> edits;
  for (std::size_t i = thread.open; i < thread.close; ++i)
    if (code.is(i, "return"))
      edits.push_back({{file, code.end(i), code.end(i), 0, 0}, " " + form.done, 0});
  const std::size_t last = thread.close - 1;
  const bool endsWithReturn =
      code.is(last, ";") && code.is(last - 1, "return") && isOneOf(code.text(last - 2), {";", "}", "{", ":"});
  if (!endsWithReturn) {
    const bool isEmpty = last == thread.open;
    edits.push_back({{file, code.begin(thread.close), code.begin(thread.close), 0, 0},
                     std::string(isEmpty ? "" : "\n") + "\treturn " + form.done + ";\n", 0});
  }
  return edits;
}

} // namespace bhlint
