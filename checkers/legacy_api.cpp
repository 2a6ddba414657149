// Calls that new code should no longer make, and what to call instead.
//
//   bad:   tasklet_init(&p->task, foo_task, (unsigned long)p);
//   good:  INIT_WORK(&p->work, foo_work);
#include "checkers/checker.h"
#include "checkers/words.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral ruleId = "bh-legacy-api";

bool isBelow(llvm::StringRef file, const std::vector<std::string> &folders) {
  return llvm::any_of(folders, [&](const std::string &folder) {
    return file == folder || (file.starts_with(folder) && file.drop_front(folder.size()).starts_with("/"));
  });
}

class LegacyApiCheck {
public:
  LegacyApiCheck(const Analysis &analysis, const Rule &rule) : program(analysis.program), rule(rule) {
    for (const LegacyCall &call : program.rules->legacy)
      if (NameId name = program.find(call.function); name != noId)
        calls[name] = &call;
  }

  std::vector<Finding> run() {
    std::vector<Finding> findings;
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id); body && !program.functions[id].isInHeader)
        for (std::uint32_t e = 0; e < body->events.size(); ++e)
          if (const LegacyCall *call = callAt(*body, e, program.text(program.functions[id].file)))
            findings.push_back(tell(id, e, *call));
    return findings;
  }

private:
  /// As written in the function: what a macro expands to is the macro's business.
  const LegacyCall *callAt(const Body &body, std::uint32_t e, llvm::StringRef file) const {
    const BodyEvent &event = body.events[e];
    const bool isMacro = event.kind == facts::EventKind::Macro;
    const bool isCall = event.kind == facts::EventKind::Call && event.call == facts::CallKind::Direct;
    if ((!isMacro && !isCall) || event.expansion != noId)
      return nullptr;
    auto found = calls.find(isMacro ? event.macro : program.functions[event.index].name);
    if (found == calls.end())
      return nullptr;
    const LegacyCall &call = *found->second;
    return (call.onlyIn.empty() || isBelow(file, call.onlyIn)) && !isBelow(file, call.notIn) ? &call : nullptr;
  }

  Finding tell(FunctionId id, std::uint32_t e, const LegacyCall &call) const {
    Finding finding = findingAt(program, rule, id, e);
    finding.sink = call.function;
    finding.context = contextName(Context::Process);
    finding.confidence = call.provenance.confidence;
    finding.root = {finding.function, finding.place, finding.function + "() calls " + call.function + "()"};
    finding.chain.push_back({finding.function, finding.place, finding.root.why});
    finding.suggestion = {call.use, call.why};
    finding.evidence = call.provenance.evidence;
    finding.message = fill(rule.message, {{"sink", call.function + "()"},
                                          {"function", finding.function + "()"},
                                          {"context", call.use},
                                          {"lock", ""}});
    return finding;
  }

  const Program &program;
  const Rule &rule;
  llvm::DenseMap<NameId, const LegacyCall *> calls;
};

} // namespace

std::vector<Finding> checkLegacyApi(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? LegacyApiCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
