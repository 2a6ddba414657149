#include "analysis/migrate/thread_edits.h"

#include "analysis/migrate/thread_results.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <memory>

namespace bhlint {

namespace {

using llvm::StringRef;

/// Where the interrupt's handler is registered.
struct Registration {
  std::size_t call = 0;
  std::vector<std::pair<std::size_t, std::size_t>> arguments;
  const ThreadRegistration *row = nullptr;
};

class ThreadWriter {
public:
  ThreadWriter(MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target, FileText textOf)
      : group(group), rules(rules), form(*target.thread), textOf(textOf) {}

  std::vector<TextEdit> run() {
    if (readGroup() && readInterrupt() && readContainer()) {
      writeInterrupt();
      writeRegistration();
      writeThread();
      for (const CallSite &site : group.calls)
        writeCall(site);
      removeObject();
    }
    llvm::sort(edits);
    edits.erase(std::unique(edits.begin(), edits.end()), edits.end());
    return group.refusals.empty() ? std::move(edits) : std::vector<TextEdit>();
  }

private:
  bool refuse(const SourceSpan &place, const llvm::Twine &reason) {
    group.refusals.push_back({place, reason.str()});
    return false;
  }
  bool refuseAt(const std::string &file, std::size_t token, const llvm::Twine &reason) {
    const unsigned at = tokensOf(file).begin(token);
    const StringRef before = textOf(file).take_front(at);
    return refuse({file, at, tokensOf(file).end(token), static_cast<unsigned>(before.count('\n') + 1),
                   static_cast<unsigned>(at - (before.rfind('\n') + 1) + 1)},
                  reason);
  }

  const CodeTokens &tokensOf(const std::string &file) {
    std::unique_ptr<CodeTokens> &tokens = read[file];
    if (!tokens)
      tokens = std::make_unique<CodeTokens>(textOf(file));
    return *tokens;
  }

  DeferralRole roleOf(const CallSite &site) const { return rules.calls.find(site.function)->second.role; }
  const DeferralNode &object() const { return group.objects.front(); }

  void replace(const std::string &file, std::size_t from, std::size_t to, std::string text, unsigned statementEnd = 0) {
    const CodeTokens &code = tokensOf(file);
    edits.push_back({{file, code.begin(from), code.end(to), 0, 0}, std::move(text), statementEnd});
  }

  /// False: something else is on these lines, too.
  bool removeLines(const std::string &file, std::size_t from, std::size_t to) {
    const auto lines = removableLines(tokensOf(file), from, to);
    if (lines)
      edits.push_back({{file, lines->first, lines->second, 0, 0}, "", 0});
    return lines.has_value();
  }

  // What the group says.

  bool readGroup() {
    if (group.objects.size() != 1 || group.handlers.size() != 1)
      return refuse(object().place, "it is one of several that change together, or has several handlers");
    if (object().kind != NodeKind::Field && object().kind != NodeKind::Global)
      return refuse(object().place, "it is neither a member nor a static object");
    for (const DeferralNode &node : group.nodes)
      if (node.key != object().key && node.kind != NodeKind::Function && node.kind != NodeKind::Parameter)
        return refuse(node.place, "its address is kept in '" + node.name + "'");
    for (const CallSite &site : group.calls) {
      const DeferralRole role = roleOf(site);
      if (role == DeferralRole::Disable || role == DeferralRole::DisableNoWait || role == DeferralRole::Enable)
        refuse(site.text.name, site.function + "() counts, and a thread has no call that does");
      if (role == DeferralRole::Schedule || role == DeferralRole::ScheduleHigh)
        schedules.push_back(&site);
    }
    if (schedules.empty())
      refuse(object().place, "nothing in these units schedules it");
    return group.refusals.empty();
  }

  /// The one function that schedules it is an interrupt's handler, and nothing else.
  bool readInterrupt() {
    interruptFile = schedules.front()->text.name.file;
    for (const CallSite *site : schedules) {
      if (site->caller != schedules.front()->caller || site->text.name.file != interruptFile)
        return refuse(site->text.name, "it is scheduled in " + schedules.front()->caller + "() and in " + site->caller + "()");
      if (site->caller == group.handlers.front())
        return refuse(site->text.name, "it schedules itself");
    }
    const CodeTokens &code = tokensOf(interruptFile);
    for (const CallSite *site : schedules)
      if (auto token = code.atOffset(site->text.name.begin))
        scheduleTokens.push_back(*token);
    llvm::sort(scheduleTokens);
    std::optional<DefinedFunction> found =
        scheduleTokens.size() == schedules.size() ? definitionAround(code, scheduleTokens.front()) : std::nullopt;
    if (!found || code.text(found->name) != schedules.front()->caller)
      return refuse(schedules.front()->text.name, "what schedules it is not written as a function here");
    interrupt = *found;
    return readRegistration();
  }

  bool isStatic(const CodeTokens &code, std::size_t name) const {
    for (std::size_t i = name; i-- > 0 && !isOneOf(code.text(i), {";", "}"});)
      if (code.is(i, "static"))
        return true;
    return false;
  }

  bool readRegistration() {
    const CodeTokens &code = tokensOf(interruptFile);
    const StringRef name = code.text(interrupt.name);
    const std::string function = name.str() + "()";
    for (std::size_t i = 1; i < code.size(); ++i) {
      if (code.text(i) != name || isOneOf(code.text(i - 1), {"->", "."}))
        continue;
      const bool isDeclared = code.is(i + 1, "(") && code.isWord(i - 1) && !code.is(i - 1, "return");
      if (isDeclared)
        continue;
      const std::size_t open = code.enclosing(i);
      auto row = code.is(open, "(") && open > 0 ? form.registrations.find(code.text(open - 1)) : form.registrations.end();
      const auto arguments = row != form.registrations.end() ? code.arguments(open - 1) : std::nullopt;
      if (!arguments || arguments->size() <= row->second.object || (*arguments)[row->second.handler] != std::pair(i, i + 1))
        return refuseAt(interruptFile, i,
                        "it is scheduled by " + function + ", which isn't an interrupt's handler alone, as far as is written");
      if (registration.row)
        return refuseAt(interruptFile, i, function + ", which schedules it, is the handler of several interrupts");
      registration = {open - 1, *arguments, &row->second};
    }
    if (!registration.row)
      return refuse(schedules.front()->text.name, "it is scheduled by " + function + ", which is no interrupt's handler here");
    if (!isStatic(code, interrupt.name))
      return refuse(schedules.front()->text.name, function + ", which schedules it, may be used elsewhere");
    return isRegisteredOnce(function) && hasGoodFlags();
  }

  /// In no loop, in a function that is called at one place at most, which is in no loop either, and so on.
  bool isRegisteredOnce(const std::string &function) {
    constexpr unsigned deepest = 8; // functions that call each other
    const CodeTokens &code = tokensOf(interruptFile);
    std::size_t at = registration.call;
    for (unsigned depth = 0; depth < deepest; ++depth) {
      const auto registering = definitionAround(code, at);
      if (!registering || isInLoop(code, *registering, at))
        break;
      std::vector<std::size_t> calls;
      for (std::size_t i = 1; i < code.size(); ++i)
        if (code.text(i) == code.text(registering->name) && code.is(i + 1, "(") && !code.is(i - 1, "*") &&
            (!code.isWord(i - 1) || code.is(i - 1, "return")))
          calls.push_back(i);
      if (calls.empty())
        return true;
      if (calls.size() > 1)
        break;
      at = calls.front();
    }
    return refuseAt(interruptFile, registration.call,
                    function + ", which schedules it, may be the handler of several interrupts");
  }

  static bool isInLoop(const CodeTokens &code, const DefinedFunction &function, std::size_t at) {
    for (std::size_t i = at; i-- > 0 && !isOneOf(code.text(i), {";", "{", "}"});) {
      if (code.is(i, ")"))
        i = code.opening(i);
      if (isOneOf(code.text(i), {"for", "while"}))
        return true;
    }
    for (std::size_t next; (next = code.enclosing(at)) != function.open && next != at; at = next)
      if (code.is(next, "{") && !code.is(next - 1, "else") &&
          !(code.is(next - 1, ")") && isOneOf(code.text(code.opening(next - 1) - 1), {"if", "switch"})))
        return true;
    return false;
  }

  std::string argument(unsigned number) {
    const auto [from, to] = registration.arguments[number];
    return tokensOf(interruptFile).source(from, to);
  }

  bool hasGoodFlags() {
    const CodeTokens &code = tokensOf(interruptFile);
    const auto [from, to] = registration.arguments[registration.row->flags];
    for (std::size_t i = from; i < to; ++i) {
      if (form.unthreadable.contains(code.text(i)))
        return refuseAt(interruptFile, i, "its interrupt is registered with " + code.text(i).str());
      if (code.isWord(i) && llvm::any_of(code.text(i), llvm::isLower))
        return refuseAt(interruptFile, i, "the flags of its interrupt are not written where it is registered");
      isShared = isShared || form.shared.contains(code.text(i));
      isMasked = isMasked || code.is(i, form.oneShot) || code.is(i, form.agree);
    }
    return true;
  }

  /// How the thread finds the structure that the object is in.
  bool readContainer() {
    if (object().kind != NodeKind::Field)
      return true;
    const CodeTokens &code = tokensOf(interruptFile);
    for (std::size_t schedule : scheduleTokens) {
      const auto arguments = code.arguments(schedule);
      const std::size_t from = arguments && arguments->size() == 1 ? arguments->front().first : schedule;
      const bool isSimple = from != schedule && arguments->front().second == from + 4 && code.is(from, "&") &&
                            code.isWord(from + 1) && code.is(from + 2, "->");
      const std::optional<std::string> value =
          isSimple ? valueFromObject(code, interrupt, from + 1, form) : std::nullopt;
      if (!value || (!container.empty() && container != *value))
        return refuseAt(interruptFile, schedule,
                        "how the interrupt's handler finds it from what it is given can't be told");
      container = *value;
    }
    return true;
  }

  // Edits.

  void writeInterrupt() {
    ResultEdits result = wakeThread(tokensOf(interruptFile), interruptFile, interrupt, scheduleTokens, form);
    if (!result.refusal.empty())
      refuse(schedules.front()->text.name, result.refusal);
    llvm::append_range(edits, result.edits);
    if (scheduleTokens.size() == 1)
      removeUnused(interruptFile, scheduleTokens.front());
  }

  void writeRegistration() {
    const CodeTokens &code = tokensOf(interruptFile);
    const std::size_t handler = registration.arguments[registration.row->handler].first;
    replace(interruptFile, registration.call, registration.call, registration.row->by,
            code.end(code.closing(registration.call + 1)));
    replace(interruptFile, handler, handler, code.text(handler).str() + ", " + group.handlers.front());
    const auto [from, to] = registration.arguments[registration.row->flags];
    const std::string flags = argument(registration.row->flags);
    if (isShared && !isMasked)
      replace(interruptFile, from, to - 1, flags + " | " + form.agree);
    group.notes.push_back(isMasked && StringRef(flags).contains(form.oneShot) ? form.noteMasked : form.noteUnmasked);
  }

  /// A name that the function does not use otherwise.
  std::string freeName(const CodeTokens &code, const DefinedFunction &function, std::string name) const {
    for (std::size_t i = function.open; i < function.close; ++i)
      if (code.text(i) == name && !isOneOf(code.text(i - 1), {"->", "."}))
        return "its_" + name;
    return name;
  }

  void writeThread() {
    for (const std::string &file : group.files) {
      const CodeTokens &code = tokensOf(file);
      for (std::size_t i = 1; i < code.size(); ++i)
        if (code.text(i) == group.handlers.front() && !isOneOf(code.text(i - 1), {"->", "."}))
          writeThreadName(file, i);
    }
  }

  /// Its declaration, its definition, or the place that sets the object up, which goes.
  void writeThreadName(const std::string &file, std::size_t name) {
    const CodeTokens &code = tokensOf(file);
    if (!code.is(name + 1, "(") || !code.is(name - 1, "void")) {
      if (!isPartOfSetup(file, code.begin(name)))
        refuseAt(file, name, code.text(name).str() + "() is used otherwise than as its handler");
      return;
    }
    const std::size_t close = code.closing(name + 1);
    replace(file, name - 1, name - 1, form.result);
    std::string object = form.objectParameter, line = form.lineParameter;
    if (code.is(close + 1, "{")) {
      const DefinedFunction thread{name, close + 1, code.closing(close + 1), {}};
      object = freeName(code, thread, object);
      line = freeName(code, thread, line);
      writeBody(file, thread, code.text(close - 1), object);
    }
    replace(file, name + 2, close - 1, "int " + line + ", void *" + object);
  }

  bool isPartOfSetup(const std::string &file, unsigned offset) const {
    auto isIn = [&](const CallText &text) {
      return text.name.file == file && text.open < offset && offset < text.close;
    };
    return llvm::any_of(group.calls, [&](const CallSite &site) { return isIn(site.text); }) ||
           llvm::any_of(group.macros, [&](const CallSite &site) { return isIn(site.text); });
  }

  void writeBody(const std::string &file, const DefinedFunction &thread, StringRef parameter, const std::string &object) {
    const CodeTokens &code = tokensOf(file);
    std::string found = container; // in terms of the thread's own parameter
    if (object != form.objectParameter)
      found.replace(found.find(form.objectParameter), form.objectParameter.size(), object);
    for (std::size_t i = thread.open + 1; i < thread.close; ++i) {
      auto macro = code.isWord(i) ? rules.macros.find(code.text(i)) : rules.macros.end();
      if (macro != rules.macros.end() && code.is(i + 1, "(") && findsContainer(code, i, macro->second.role, parameter)) {
        replace(file, i, code.closing(i + 1), found);
        i = code.closing(i + 1);
      } else if (const DataUse *use = containerUseAt(code.begin(i))) {
        edits.push_back({use->span, found, 0});
        while (code.end(i) < use->span.end)
          ++i;
      } else if (code.text(i) == parameter && !isOneOf(code.text(i - 1), {"->", "."})) {
        refuseAt(file, i, "what its handler does with its parameter can't be done in a thread");
      }
    }
    writeLocks(file, thread);
    llvm::append_range(edits, returnDone(code, file, thread, form));
  }

  /// The structure around the object, by the object that the handler is given.
  bool findsContainer(const CodeTokens &code, std::size_t macro, DeferralMacroRole role, StringRef parameter) const {
    const auto arguments = code.arguments(macro);
    const std::size_t given = role == DeferralMacroRole::FindContainer ? 1 : 0;
    return !container.empty() && arguments && arguments->size() == 3 &&
           (role == DeferralMacroRole::FindContainer || role == DeferralMacroRole::LookThrough) &&
           code.source((*arguments)[given].first, (*arguments)[given].second) == parameter &&
           code.source((*arguments)[2].first, (*arguments)[2].second) == this->object().name;
  }

  /// The use of an old handler's number that begins there, where the number is the structure that the object is in.
  const DataUse *containerUseAt(unsigned offset) const {
    for (const DataHandler &handler : group.dataHandlers)
      for (const DataUse &use : handler.uses)
        if (use.span.begin == offset && !container.empty() && llvm::all_of(group.bindings, [&](const DataBinding &binding) {
              return binding.relation == DataRelation::Container && binding.path == object().name &&
                     (use.pointee == binding.container || use.type == binding.container + " *");
            }))
          return &use;
    return nullptr;
  }

  /// Locks that a bottom half shares with others need it turned off in a thread.
  void writeLocks(const std::string &file, const DefinedFunction &thread) {
    const CodeTokens &code = tokensOf(file);
    bool isSilenced = false;
    for (std::size_t i = thread.open; i < thread.close; ++i)
      isSilenced = isSilenced || form.silences.contains(code.text(i));
    for (std::size_t i = thread.open; i < thread.close; ++i) {
      auto lock = code.is(i + 1, "(") ? form.locks.find(code.text(i)) : form.locks.end();
      if (lock == form.locks.end())
        continue;
      if (isSilenced) {
        refuseAt(file, i, "it takes locks of several kinds, which a thread may have to take otherwise");
        return;
      }
      replace(file, i, i, lock->second);
      if (!llvm::is_contained(group.notes, form.noteLocks))
        group.notes.push_back(form.noteLocks);
    }
  }

  void writeCall(const CallSite &site) {
    const DeferralRole role = roleOf(site);
    if (role == DeferralRole::Schedule || role == DeferralRole::ScheduleHigh)
      return;
    const std::string &file = site.text.name.file;
    const CodeTokens &code = tokensOf(file);
    const std::optional<std::size_t> call = code.atOffset(site.text.name.begin);
    if (!call)
      return void(refuse(site.text.name, "it is not written as a call here"));
    if (role == DeferralRole::Cancel)
      return writeCancel(site, *call);
    removeStatement(site, *call);
  }

  void removeStatement(const CallSite &site, std::size_t call) {
    const std::string &file = site.text.name.file;
    const CodeTokens &code = tokensOf(file);
    const std::size_t end = code.closing(call + 1) + 1;
    const bool isAlone = code.is(call - 1, "{") && code.is(end + 1, "}");
    if (!site.isStatement || !code.is(end, ";") || isAlone || code.is(call - 1, ":") || !removeLines(file, call, end))
      refuse(site.text.name, site.function + "() is not a statement that can be left out");
    else
      removeUnused(file, call);
  }

  /// `struct foo *foo = netdev_priv(dev);`, when the call that goes was all that used it.
  void removeUnused(const std::string &file, std::size_t call) {
    const CodeTokens &code = tokensOf(file);
    const auto function = definitionAround(code, call);
    const std::size_t base = code.is(call + 2, "&") ? call + 3 : call + 2;
    std::size_t declared = 0;
    for (std::size_t i = function ? function->open : code.size(); function && i < function->close; ++i) {
      if (code.text(i) != code.text(base) || i == base || isOneOf(code.text(i - 1), {"->", ".", "struct"}))
        continue;
      const bool isDeclaration = declared == 0 && code.is(i - 1, "*") && code.is(i - 3, "struct") && code.is(i + 1, "=");
      if (!isDeclaration)
        return;
      declared = i;
    }
    if (declared == 0)
      return;
    std::size_t end = declared;
    while (!code.is(end, ";")) {
      if (code.is(end, ",") || (code.isWord(end) && code.is(end + 1, "(") && !form.pure.contains(code.text(end))))
        return;
      ++end;
    }
    removeLines(file, declared - 3, end);
  }

  /// Behind a call that frees the interrupt, nothing runs any more; elsewhere, the thread is to be waited for.
  void writeCancel(const CallSite &site, std::size_t call) {
    const std::string &file = site.text.name.file;
    const CodeTokens &code = tokensOf(file);
    const auto function = definitionAround(code, call);
    std::vector<std::size_t> frees;
    for (std::size_t i = function ? function->open : call; function && i < function->close; ++i)
      if (form.frees.contains(code.text(i)) && code.is(i + 1, "("))
        frees.push_back(i);
    if (frees.size() > 1)
      llvm::erase_if(frees, [&](std::size_t free) { return lineName(code, free) != registeredLine(); });
    if (!group.refusals.empty())
      return;
    if (!frees.empty() && frees.front() < call) {
      if (!llvm::is_contained(group.notes, form.noteRemoved))
        group.notes.push_back(form.noteRemoved);
      return removeStatement(site, call);
    }
    std::string line = frees.empty() ? lineBeside(code, call) : lineOf(code, frees.front());
    if (line.empty())
      return void(refuse(site.text.name, site.function + "() waits for it where its interrupt isn't freed, and which one that is can't be told"));
    replace(file, call, code.closing(call + 1), form.waits + "(" + line + ")", code.end(code.closing(call + 1)));
  }

  std::string lineOf(const CodeTokens &code, std::size_t free) const {
    const auto arguments = code.arguments(free);
    const unsigned number = form.frees.find(code.text(free))->second;
    return arguments && arguments->size() > number ? code.source((*arguments)[number].first, (*arguments)[number].second)
                                                   : std::string();
  }

  static std::string lastWord(StringRef text) {
    return text.substr(text.find_last_of(" ->.") == StringRef::npos ? 0 : text.find_last_of(" ->.") + 1).str();
  }
  std::string lineName(const CodeTokens &code, std::size_t free) const { return lastWord(lineOf(code, free)); }
  std::string registeredLine() { return lastWord(argument(registration.row->line)); }

  /// "foo->irq" for `tasklet_kill(&foo->task)`, where it was registered as a member of the structure that the handler is given.
  std::string lineBeside(const CodeTokens &code, std::size_t call) {
    const std::string base = argument(registration.row->object) + "->", line = argument(registration.row->line);
    const StringRef member = StringRef(line).substr(std::min(base.size(), line.size()));
    const auto arguments = code.arguments(call);
    if (isSetAgain(member) || container != form.objectParameter || !StringRef(line).starts_with(base) || member.empty() ||
        !llvm::all_of(member, [](char c) { return llvm::isAlnum(c) || c == '_'; }) || !arguments || arguments->size() != 1)
      return {};
    const std::string object = code.source(arguments->front().first, arguments->front().second);
    StringRef holder = object;
    if (!holder.consume_front("&") || !holder.consume_back("->" + this->object().name))
      return {};
    return (holder + "->" + member).str();
  }

  /// A member that is set, or counted, elsewhere than where the interrupt is registered.
  bool isSetAgain(StringRef member) {
    const std::optional<DefinedFunction> registering = definitionAround(tokensOf(interruptFile), registration.call);
    for (const std::string &file : group.files) {
      const CodeTokens &code = tokensOf(file);
      for (std::size_t i = 2; i + 1 < code.size(); ++i) {
        const bool isMember = code.text(i) == member && isOneOf(code.text(i - 1), {"->", "."});
        const bool isRegistering =
            registering && file == interruptFile && registering->open < i && i < registration.call;
        if (isMember && !isRegistering && isOneOf(code.text(i + 1), {"=", "++", "--", "+=", "-=", "|=", "&="}))
          return true;
      }
    }
    return false;
  }

  /// Its declaration: `struct old name;`, or a macro's.
  void removeObject() {
    const std::string &file = object().place.file;
    const CodeTokens &code = tokensOf(file);
    const std::optional<std::size_t> name = code.atOffset(object().place.begin);
    std::size_t from = name.value_or(0), to = from;
    for (const CallSite &site : group.macros)
      if (rules.macros.find(site.function)->second.role != DeferralMacroRole::FindContainer) {
        from = code.atOffset(site.text.name.begin).value_or(0);
        to = from != 0 ? code.closing(from + 1) + 1 : 0;
      }
    if (name && to == *name && from > 2 && code.is(from - 1, rules.record) && code.is(from - 2, "struct")) {
      from -= 2;
      ++to;
    }
    if (from > 0 && code.is(from - 1, "static"))
      --from;
    if (from == to || !code.is(to, ";") || !removeLines(file, from, to))
      refuse(object().place, "its declaration is not one of its own, to be left out");
    removeDescription();
  }

  /// The line of a comment that describes the member: " * @name: what it is", and no more lines.
  void removeDescription() {
    const StringRef text = textOf(object().place.file);
    const std::string tag = "* @" + object().name + ":";
    const std::size_t at = text.find(tag);
    if (at == StringRef::npos || text.find(tag, at + 1) != StringRef::npos)
      return;
    const std::size_t begin = text.take_front(at).rfind('\n') + 1, end = text.find('\n', at) + 1;
    const StringRef next = text.substr(end).take_until([](char c) { return c == '\n'; }).ltrim();
    if (text.slice(begin, at).trim().empty() && (next.starts_with("* @") || next == "*" || next.starts_with("*/")))
      edits.push_back({{object().place.file, static_cast<unsigned>(begin), static_cast<unsigned>(end), 0, 0}, "", 0});
  }

  MigrationGroup &group;
  const MigrationRules &rules;
  const ThreadForm &form;
  FileText textOf;
  std::map<std::string, std::unique_ptr<CodeTokens>> read;
  std::vector<TextEdit> edits;
  std::vector<const CallSite *> schedules;
  std::vector<std::size_t> scheduleTokens; ///< of the calls' names, in `interruptFile`
  std::string interruptFile;
  DefinedFunction interrupt; ///< that schedules it
  Registration registration; ///< in `interruptFile`
  std::string container;     ///< the structure that it is in, by form.objectParameter; empty: it is in none
  bool isShared = false, isMasked = false;
};

} // namespace

std::vector<TextEdit> threadEditsFor(MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target,
                                     FileText textOf) {
  if (!group.refusals.empty())
    return {};
  return ThreadWriter(group, rules, target, textOf).run();
}

} // namespace bhlint
