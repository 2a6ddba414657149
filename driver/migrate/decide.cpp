#include "driver/migrate/decide.h"

#include "driver/migrate/handler_reach.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

bool isHandler(const MigrationGroup &group, const std::string &function) {
  return llvm::is_contained(group.handlers, function);
}

/// Takes a lock such that a bottom half on the same CPU could spin on it for ever.
bool leavesBottomHalvesOn(const Program &program, const BodyEvent &event) {
  const Function &callee = program.functions[event.index];
  std::uint32_t index = callee.effect;
  if (event.macro != 0)
    if (auto macro = program.macros.find(event.macro); macro != program.macros.end() && macro->second.effect != noId)
      index = macro->second.effect;
  if (index == noId)
    return false;
  const EffectContract &contract = program.rules->effects[index];
  return !contract.isRelease && contract.lockArgument && contract.effect.preempt > 0 &&
         contract.effect.bottomHalf == 0 && contract.effect.irq == 0;
}

/// Whether the edits adapt this lock: those that the handler takes itself.
bool isAdapted(const MigratedGroup &migrated, const std::string &function, const std::string &callee) {
  const std::optional<ThreadForm> &form = migrated.target->thread;
  return form && form->locks.contains(callee) && isHandler(migrated.group, function);
}

/// Whoever gave the pointer may count on the old handler's context.
void noteIndirect(MigratedGroup &migrated, const Program &program, FunctionId function, const BodyEvent &event) {
  const std::string note = "it calls through pointers, and what is called there finds bottom halves on now: ";
  const auto isNoted = [&](const std::string &known) { return llvm::StringRef(known).starts_with(note); };
  if (event.kind == facts::EventKind::Call && llvm::none_of(migrated.group.notes, isNoted))
    migrated.group.notes.push_back(note + program.text(program.functions[function].name).str() + "(), " +
                                   program.text(event.place.file).str() + ":" + std::to_string(event.place.line));
}

void checkThread(MigratedGroup &migrated, const MigrationRules &rules, const Program &program,
                 const HandlerReach &reach) {
  for (FunctionId id : reach.functions()) {
    const Body *body = program.bodyOf(id);
    for (const BodyEvent &event : body ? llvm::ArrayRef<BodyEvent>(body->events) : llvm::ArrayRef<BodyEvent>()) {
      if (!HandlerReach::isDirect(event)) {
        noteIndirect(migrated, program, id, event);
        continue;
      }
      const std::string callee = program.text(program.functions[event.index].name).str();
      const std::string function = program.text(program.functions[id].name).str();
      std::string reason;
      if (migrated.target->thread && migrated.target->thread->waitsForItself.contains(callee))
        reason = "calls " + callee + "(), which would wait for the thread that it is in";
      else if (leavesBottomHalvesOn(program, event) && !isAdapted(migrated, function, callee))
        reason = "takes a lock without turning bottom halves off, which a thread has to if a bottom half takes it, too";
      else if (std::binary_search(rules.needsBottomHalvesOff.begin(), rules.needsBottomHalvesOff.end(), callee))
        reason = "calls " + callee + "(), which relies on bottom halves being off";
      if (!reason.empty())
        migrated.group.refusals.push_back(
            {{program.text(event.place.file).str(), 0, 0, event.place.line, event.place.column},
             "in a thread, " + function + "() " + reason});
    }
  }
}

} // namespace

void decideTarget(MigratedGroup &migrated, const MigrationRules &rules, const std::string &to,
                  const std::vector<Finding> &findings) {
  auto sleepOf = [&](Confidence confidence) {
    auto found = llvm::find_if(findings, [&](const Finding &finding) {
      return finding.ambient == rules.context && finding.sinkKind != SinkKind::Other && finding.confidence == confidence && finding.held == HeldState() &&
             isHandler(migrated.group, finding.root.function);
    });
    return found == findings.end() ? nullptr : &*found;
  };
  const Finding *sleep = sleepOf(Confidence::High), *doubtful = sleepOf(Confidence::Medium);
  const std::string sleeps = sleep ? sleep->root.function + "() sleeps: " + sleep->place.file + ":" +
                                         std::to_string(sleep->place.line) + ": " + sleep->message
                                   : "";
  if (to != "auto") {
    migrated.target = rules.target(to);
    migrated.why = "as asked for";
    if (sleep && !migrated.target->maySleep)
      migrated.group.refusals.push_back({{sleep->place.file, 0, 0, sleep->place.line, sleep->place.column},
                                         sleeps + "; it can't be a " + migrated.target->what});
    return;
  }
  for (const MigrationTarget &target : rules.targets)
    if (!migrated.target && !target.thread && target.maySleep == (sleep != nullptr))
      migrated.target = &target;
  migrated.why = sleep      ? sleeps
                 : doubtful ? "that its handler sleeps is not certain: " + doubtful->place.file + ":" +
                                  std::to_string(doubtful->place.line) + ": " + doubtful->message
                            : "its handler never sleeps, as far as these units show";
}

void checkSurroundings(MigratedGroup &migrated, const MigrationRules &rules, const Run &run,
                       const std::vector<Finding> &findings) {
  const HandlerReach reach(run, migrated.group);
  for (const CallSite &site : migrated.group.calls) {
    const DeferralRole role = rules.calls.find(site.function)->second.role;
    if (role != DeferralRole::Cancel && role != DeferralRole::Disable)
      continue;
    const SourceSpan &name = site.text.name;
    if (reach.has(site.caller))
      migrated.group.refusals.push_back(
          {name, site.function + "() in " + site.caller + "(), which the handler calls, would wait for itself"});
    for (const Finding &finding : findings)
      if (finding.place.file == name.file && finding.place.line == name.line && finding.confidence != Confidence::Low)
        migrated.group.refusals.push_back({name, "it has a finding already: " + finding.message});
  }
  if (migrated.target && migrated.target->maySleep)
    checkThread(migrated, rules, *run.program, reach);
}

} // namespace bhlint
