#include "driver/fix/handler_edit.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace bhlint {

namespace {

using llvm::StringRef;
using Arguments = std::vector<std::pair<std::size_t, std::size_t>>;

class HandlerEditor {
public:
  HandlerEditor(const CodeTokens &code, const std::string &file, const FixRules &rules)
      : code(code), file(file), rules(rules) {}

  CallEdit run(std::size_t call) {
    const std::optional<Arguments> arguments = code.arguments(call);
    if (!arguments || arguments->empty())
      return refused("its handler is not registered by a call that is written there");
    if (auto handler = rules.handlers.find(code.text(call)); handler != rules.handlers.end())
      return toThread(call, *arguments, handler->second);
    return toQueue(code.text(arguments->front().second - 1));
  }

private:
  static CallEdit refused(std::string why) { return {{}, {}, {}, std::move(why)}; }

  TextEdit replace(std::size_t from, std::size_t to, std::string text) const {
    return {{file, code.begin(from), code.end(to - 1), 0, 0}, std::move(text), 0};
  }
  std::string source(const std::pair<std::size_t, std::size_t> &part) const {
    return code.source(part.first, part.second);
  }

  CallEdit toThread(std::size_t call, const Arguments &arguments, const HandlerFix &fix) const {
    if (arguments.size() <= std::max(fix.handler, fix.flags) || (fix.thread && arguments.size() <= *fix.thread))
      return refused("its handler is not registered by a call that is written there");
    const auto [handlerFrom, handlerTo] = arguments[fix.handler];
    if (fix.thread && source(arguments[*fix.thread]) != rules.noHandler)
      return refused("its interrupt has a thread already");
    CallEdit edit;
    if (handlerTo != handlerFrom + 1 || isHandlerElsewhere(handlerFrom))
      return refused("its handler is also used otherwise");
    const auto [from, to] = arguments[fix.flags];
    std::string flags = source({from, to});
    if (const std::string why = whyNotThreaded(from, to); !why.empty())
      return refused(why);
    if (flags == "0")
      flags = rules.oneShot;
    else if (!StringRef(flags).contains(rules.oneShot))
      flags += " | " + rules.oneShot;
    edit.edits.push_back(replace(call, call + 1, fix.by));
    const std::string handler = code.text(handlerFrom).str();
    if (fix.thread) {
      edit.edits.push_back(replace(handlerFrom, handlerTo, rules.noHandler));
      edit.edits.push_back(replace(arguments[*fix.thread].first, arguments[*fix.thread].second, handler));
    } else {
      edit.edits.push_back(replace(handlerFrom, handlerTo, rules.noHandler + ", " + handler));
    }
    edit.edits.push_back(replace(from, to, flags));
    edit.what = handler + "() becomes the thread of its interrupt";
    edit.note = "the line stays masked until the thread is done (" + rules.oneShot + ")";
    if (isNewlyShared(from, to))
      edit.note += "; it may be shared: a handler of the same line that is neither one-shot nor registered so that it "
                   "agrees to it makes "
                   "one of the two requests fail";
    if (fix.by == code.text(call))
      edit.edits.erase(edit.edits.begin());
    return edit;
  }

  bool isNewlyShared(std::size_t from, std::size_t to) const {
    bool isShared = false;
    for (std::size_t i = from; i < to; ++i) {
      if (code.text(i) == rules.oneShot)
        return false;
      isShared = isShared || rules.shared.contains(code.text(i));
    }
    return isShared;
  }

  /// Flags that are written out, and none that forbids a thread.
  std::string whyNotThreaded(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
      if (rules.unthreadable.contains(code.text(i)))
        return "its interrupt is registered with " + code.text(i).str();
      const bool isConstant = !code.isWord(i) || llvm::none_of(code.text(i), [](char c) { return llvm::isLower(c); });
      if (!isConstant)
        return "the flags of its interrupt are not written where it is registered";
    }
    return {};
  }

  /// Called directly, or registered elsewhere.
  bool isHandlerElsewhere(std::size_t handler) const {
    for (std::size_t i = 0; i < code.size(); ++i)
      if (i != handler && code.text(i) == code.text(handler)) {
        const bool isDeclared = i > 0 && code.isWord(i - 1) && code.is(i + 1, "(") && !code.is(i - 1, "return");
        if (!isDeclared)
          return true;
      }
    return false;
  }

  /// Every place of the file that queues the object on a queue without threads.
  CallEdit toQueue(StringRef object) const {
    CallEdit edit;
    for (std::size_t i = 2; i < code.size(); ++i) {
      const auto queue = rules.queues.find(code.text(i));
      const auto found = queue != rules.queues.end() && code.is(i - 1, "(") ? code.arguments(i - 2) : std::nullopt;
      if (!found || found->size() < 2 || found->front().first != i || code.text((*found)[1].second - 1) != object)
        continue;
      edit.edits.push_back(replace(i, i + 1, queue->second));
      edit.what = "'" + object.str() + "' is queued on " + queue->second + ", whose work may sleep, instead of " + queue->first;
    }
    if (edit.edits.empty())
      return refused("its handler can't be told to run elsewhere");
    edit.note = "it runs later than in a softirq, and with bottom halves on";
    return edit;
  }

  const CodeTokens &code;
  const std::string &file;
  const FixRules &rules;
};

} // namespace

CallEdit editHandler(const CodeTokens &code, const SourcePlace &root, const FixRules &rules) {
  const std::optional<std::size_t> name = code.at(root.line, root.column);
  if (!name || !code.isWord(*name))
    return {{}, {}, {}, "its handler is not registered by a call that is written there"};
  return HandlerEditor(code, root.file, rules).run(*name);
}

} // namespace bhlint
