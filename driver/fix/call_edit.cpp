#include "driver/fix/call_edit.h"

#include "analysis/migrate/thread_container.h"
#include "driver/fix/loop_rounds.h"
#include "driver/fix/result_use.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

using llvm::StringRef;

constexpr const char *unbounded = "it waits in a loop, of which no constant says that it is short enough for a busy wait";

/// Sizes, as far as the text says them.
enum class Size { Small, Large, Unknown };

class Editor {
public:
  Editor(const CodeTokens &code, const std::string &file, bool isLast, const FixRules &rules, const CallFacts &facts)
      : code(code), file(file), isLast(isLast), rules(rules), facts(facts) {}

  CallEdit run(std::size_t name) {
    auto found = code.arguments(name);
    if (!found)
      return refused("it is not written as a call here");
    call = name;
    arguments = std::move(*found);
    const StringRef function = code.text(name);
    if (auto delay = rules.delays.find(function); delay != rules.delays.end())
      return editDelay(delay->second);
    if (auto poll = rules.polls.find(function); poll != rules.polls.end())
      return editPoll(poll->second);
    if (auto other = rules.calls.find(function); other != rules.calls.end()) {
      CallEdit edit = renamed(other->second.by);
      edit.note = other->second.note;
      return edit;
    }
    return editFlag();
  }

private:
  static CallEdit refused(std::string why) { return {{}, {}, {}, std::move(why)}; }

  TextEdit replace(std::size_t from, std::size_t to, std::string text) const {
    return {{file, code.begin(from), code.end(to), 0, 0}, std::move(text), 0};
  }

  CallEdit renamed(const std::string &by) const {
    return {{replace(call, call, by)}, code.text(call).str() + "() becomes " + by + "()", {}, {}};
  }

  std::optional<std::uint64_t> argument(unsigned number) const {
    if (number >= arguments.size())
      return std::nullopt;
    const auto [from, to] = arguments[number];
    const std::optional<std::uint64_t> value = code.constant(from, to);
    return value || to != from + 1 ? value : parameterValue(from);
  }

  /// Of a parameter that nothing sets, from what its function is called with.
  std::optional<std::uint64_t> parameterValue(std::size_t name) const {
    const std::optional<DefinedFunction> function = definitionAround(code, name);
    if (!function || !facts.mostGiven || !code.isWord(name))
      return std::nullopt;
    for (std::size_t i = function->open; i < function->close; ++i)
      if (code.text(i) == code.text(name) &&
          (isOneOf(code.text(i + 1), {"=", "+=", "-=", "*=", "<<=", "++", "--"}) || isOneOf(code.text(i - 1), {"&", "++", "--"})))
        return std::nullopt;
    for (unsigned parameter = 0; parameter < function->parameters.size(); ++parameter)
      if (code.text(function->parameters[parameter].second - 1) == code.text(name))
        return facts.mostGiven(file, code.text(function->name).str(), parameter);
    return std::nullopt;
  }

  static std::string inAll(std::uint64_t rounds) {
    return rounds > 1 ? " in " + std::to_string(rounds) + " rounds of a loop" : "";
  }

  std::string busy(std::uint64_t microseconds, std::uint64_t rounds, bool isPoll) const {
    return "it keeps the CPU busy for " + std::to_string(microseconds * rounds) + " microseconds" + inAll(rounds) +
           (isPoll ? ", if what it waits for never comes" : "") + (isLast ? "; the machine goes down then" : "");
  }

  CallEdit editDelay(const DelayFix &delay) const {
    const std::optional<std::uint64_t> length = argument(0);
    if (!length)
      return refused("how long it sleeps is not a constant here");
    if (!standsAlone(code, call))
      return refused("what it returns is used");
    const std::optional<std::uint64_t> rounds = roundsOf(code, call);
    if (!rounds)
      return refused(unbounded);
    const std::uint64_t microseconds = *length * delay.unit;
    // A wait for a device that is left as soon as that answers: only one that is broken takes all of it.
    const bool isPoll = *rounds > 1 && isLeftEarly(code, call) && microseconds * *rounds <= rules.longestTimeout;
    for (const BusyWait &wait : delay.by) {
      const bool isShort = microseconds * (isPoll ? 1 : *rounds) <= wait.most;
      if (!isShort && !(isLast && &wait == &delay.by.back() && microseconds * *rounds <= rules.longestLast))
        continue;
      const bool isSame = delay.unit == wait.unit;
      const std::uint64_t units = (microseconds + wait.unit - 1) / wait.unit;
      const std::string text = wait.call + "(" +
                               (isSame ? code.source(arguments[0].first, arguments[0].second) : std::to_string(units)) +
                               ")";
      const std::size_t close = code.closing(call + 1);
      return {{replace(call, close, text)},
              code.source(call, close + 1) + " becomes " + text,
              busy(units * wait.unit, *rounds, isPoll),
              {}};
    }
    return refused("it sleeps for " + std::to_string(microseconds * *rounds) + " microseconds" + inAll(*rounds) +
                   ", which is too long for a busy wait");
  }

  CallEdit editPoll(const PollFix &poll) const {
    const std::optional<std::uint64_t> delay = argument(poll.delay), limit = argument(poll.limit);
    if (!delay || !limit)
      return refused("how long it polls is not a constant here");
    if (*limit == 0 || *limit > rules.longestPoll || *delay > rules.longestPoll)
      return refused("it polls for up to " + (*limit == 0 ? "ever" : std::to_string(*limit) + " microseconds") +
                     ", which is too long for a busy wait");
    const std::optional<std::uint64_t> rounds = roundsOf(code, call);
    if (!rounds || *limit * *rounds > rules.longestPoll)
      return refused(unbounded);
    CallEdit edit = renamed(poll.by);
    edit.note = "it keeps the CPU busy for up to " + std::to_string(*limit * *rounds) + " microseconds" + inAll(*rounds);
    return edit;
  }

  Size sizeOf(const std::vector<unsigned> &numbers) const {
    std::uint64_t size = 1;
    for (unsigned number : numbers) {
      if (number >= arguments.size())
        return Size::Unknown;
      const auto [from, to] = arguments[number];
      if (code.is(from, "sizeof") && code.closing(from + 1) + 1 == to)
        continue; // of one object
      const std::optional<std::uint64_t> factor = code.constant(from, to);
      if (!factor)
        return Size::Unknown;
      size *= *factor;
    }
    return size <= rules.largestSize ? Size::Small : Size::Large;
  }

  CallEdit editFlag() const {
    for (const auto &[from, to] : arguments)
      for (std::size_t i = from; i < to; ++i)
        if (auto flag = rules.flags.find(code.text(i)); flag != rules.flags.end())
          return editFlag(i, flag->second, to - from > 1);
    return refused("no edit is known for " + code.text(call).str() + "()");
  }

  CallEdit editFlag(std::size_t word, const std::string &by, bool isPart) const {
    const std::string failure = whyFailureIsMissed(code, call, rules);
    const bool hasNoResult =
        standsAlone(code, call) && facts.returnsNothing && facts.returnsNothing(code.text(call).str());
    const bool isMissed = !failure.empty() && !hasNoResult;
    const bool isSeenBelow = isMissed && standsAlone(code, call) && looksAtFailureItself(code, call, word, rules);
    const bool isPrescribed = isMissed && standsAlone(code, call) && rules.prescribed.contains(code.text(call));
    if (isMissed && !isSeenBelow && !isPrescribed)
      return refused(failure);
    CallEdit edit;
    if (isMissed && !isSeenBelow)
      edit.note = "its failure is not looked at, as little as it was before; with this flag, it is what its "
                  "documentation asks for here";
    if (auto sized = rules.sizes.find(code.text(call)); sized != rules.sizes.end()) {
      const Size size = sizeOf(sized->second);
      if (size == Size::Large)
        return refused("it asks for more than " + std::to_string(rules.largestSize) +
                       " bytes, which fails too easily without waiting");
      if (size == Size::Unknown)
        edit.note = "how much it asks for is not a constant; without waiting, much is refused more often";
    }
    const bool isSeveral = StringRef(by).contains(' ') && isPart;
    edit.edits.push_back(replace(word, word, isSeveral ? "(" + by + ")" : by));
    edit.what = code.text(word).str() + " becomes " + by + " for " + code.text(call).str() +
                (hasNoResult || isSeenBelow ? "(), which looks after a failure itself"
                 : isMissed                 ? "()"
                                            : "(), whose failure is looked at");
    return edit;
  }

  const CodeTokens &code;
  const std::string &file;
  const bool isLast;
  const FixRules &rules;
  const CallFacts &facts;
  std::size_t call = 0;
  std::vector<std::pair<std::size_t, std::size_t>> arguments;
};

} // namespace

CallEdit editCall(const CodeTokens &code, const Finding &finding, bool isLast, const FixRules &rules,
                  const CallFacts &facts) {
  const SourcePlace &place = finding.place;
  const std::optional<std::size_t> name = code.at(place.line, place.column);
  if (!name)
    return {{}, {}, {}, "it is not written as a call here"};
  return Editor(code, place.file, isLast, rules, facts).run(*name);
}

} // namespace bhlint
