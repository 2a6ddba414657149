#include "analysis/program/dump.h"

#include "llvm/Support/Format.h"

#include <algorithm>

namespace bhlint {

namespace {

std::vector<FunctionId> sortedFunctions(const Program &program) {
  std::vector<FunctionId> ids;
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    if (program.bodyOf(id))
      ids.push_back(id);
  std::sort(ids.begin(), ids.end(), [&](FunctionId a, FunctionId b) {
    const Function &x = program.functions[a], &y = program.functions[b];
    return std::make_tuple(program.text(x.file), x.place.line, program.text(x.name), a) <
           std::make_tuple(program.text(y.file), y.place.line, program.text(y.name), b);
  });
  return ids;
}

void writeHead(const Program &program, FunctionId id, llvm::raw_ostream &out) {
  const Function &function = program.functions[id];
  out << program.text(function.file) << ":" << function.place.line << ": " << program.text(function.name) << "()\n";
}

void writeDelta(const Delta &delta, llvm::raw_ostream &out) {
  out << "preempt " << int(delta.preempt) << " bh " << int(delta.bottomHalf) << " irq " << int(delta.irq) << " rcu "
      << int(delta.rcu);
}

void writeTerm(const Program &program, const TermTable &terms, Term term, llvm::raw_ostream &out) {
  switch (term.kind) {
  case facts::ValueKind::Parameter:
    out << "p" << term.index;
    return;
  case facts::ValueKind::ContextTest:
    out << program.text(term.index) << "()";
    return;
  case facts::ValueKind::Load: {
    const PathTerm &path = terms[term.index];
    if (path.root == facts::RootKind::Parameter)
      out << "p" << path.index;
    else if (path.root == facts::RootKind::Global)
      out << program.text(program.globals[path.index].name);
    else
      out << "?";
    for (const FieldKey &field : path.fields)
      out << "." << program.text(field.field);
    return;
  }
  default:
    out << "?";
  }
}

void writeGuard(const Program &program, const TermTable &terms, const Guard &guard, llvm::raw_ostream &out) {
  std::vector<std::string> literals; // sorted by text: the order of terms depends on who was first
  for (const auto &[term, knowledge] : guard) {
    std::string text;
    llvm::raw_string_ostream out(text);
    out << " if ";
    writeTerm(program, terms, term, out);
    if (knowledge.isExact())
      out << " == " << knowledge.ones;
    else if (knowledge.ones != 0)
      out << " & " << llvm::format_hex(knowledge.ones, 3);
    else if (knowledge.isNonZero)
      out << " != 0";
    else
      out << " & " << llvm::format_hex(knowledge.zeros, 3) << " == 0";
    literals.push_back(text);
  }
  llvm::sort(literals);
  for (const std::string &text : literals)
    out << text;
}

/// Whether callers could tell anything of it.
bool says(const Summary &summary) {
  return !summary.sleeps.empty() || summary.hasAtomicEffect() || !summary.parameterCalls.empty();
}

void writeSummary(const Summaries &summaries, const Summary &summary, bool withCallees, llvm::raw_ostream &out) {
  const Program &program = summaries.program;
  for (const SleepEntry &entry : summary.sleeps) {
    out << "  " << (entry.isForbidden ? "forbidden" : "sleeps") << " (" << sleepKindName(entry.kind) << ", "
        << confidenceName(entry.confidence) << (entry.isLocked ? ", under its own lock" : "") << ") at ";
    writeDelta(entry.delta, out);
    writeGuard(program, summaries.terms, entry.guard, out);
    if (withCallees && entry.callee != noId)
      out << " through " << program.text(program.functions[entry.callee].name) << "()";
    out << "\n";
  }
  for (const ExitEntry &exit : summary.exits) {
    if (exit.delta.isZero() && summary.exits.size() == 1)
      continue;
    out << "  returns";
    if (exit.resultKnowledge.isZero())
      out << " 0";
    else if (exit.resultKnowledge.isNonZero)
      out << " non-zero";
    out << " with ";
    writeDelta(exit.delta, out);
    writeGuard(program, summaries.terms, exit.guard, out);
    out << "\n";
  }
  for (const ParameterCall &call : summary.parameterCalls) {
    out << "  calls parameter " << call.parameter << " with ";
    writeDelta(call.delta, out);
    out << "\n";
  }
}

} // namespace

void dumpProgram(const Program &program, llvm::raw_ostream &out) {
  for (FunctionId id : sortedFunctions(program)) {
    writeHead(program, id, out);
    const Function &function = program.functions[id];
    const Body &body = *program.bodyOf(id);
    out << "  module " << program.text(function.module) << ", " << body.blocks.size() << " blocks, "
        << body.events.size() << " events\n";
    std::vector<std::string> callees;
    for (const BodyEvent &event : body.events)
      if (event.kind == facts::EventKind::Call &&
          (event.call == facts::CallKind::Direct || event.call == facts::CallKind::Cleanup))
        callees.push_back(program.text(program.functions[event.index].name).str());
    std::sort(callees.begin(), callees.end());
    callees.erase(std::unique(callees.begin(), callees.end()), callees.end());
    for (const std::string &callee : callees)
      out << "  calls " << callee << "()\n";
  }
}

void dumpSummaries(const Summaries &summaries, llvm::raw_ostream &out) {
  const Program &program = summaries.program;
  for (FunctionId id : sortedFunctions(program)) {
    if (!says(summaries[id]))
      continue;
    writeHead(program, id, out);
    writeSummary(summaries, summaries[id], /*withCallees=*/true, out);
  }
}

std::string behaviourOf(const Summaries &summaries, FunctionId function) {
  std::string text;
  if (llvm::raw_string_ostream out(text); says(summaries[function]))
    writeSummary(summaries, summaries[function], /*withCallees=*/false, out);
  return text;
}

void dumpContexts(const Program &program, const ContextMap &contexts, llvm::raw_ostream &out) {
  for (FunctionId id : sortedFunctions(program)) {
    if (contexts.ambient[id] == 0)
      continue;
    writeHead(program, id, out);
    out << " ";
    for (unsigned i = 0; i < contextCount; ++i)
      if (contexts.ambient[id] & (1u << i))
        out << " " << contextName(static_cast<Context>(i));
    out << "\n";
  }
}

void dumpCallbacks(const Program &program, const std::vector<FieldCall> &calls,
                   const std::vector<StoredCallback> &stored, llvm::raw_ostream &out) {
  auto writeField = [&](const FieldKey &field) {
    out << program.text(field.record) << "." << program.text(field.field);
  };
  for (const StoredCallback &callback : stored) {
    out << program.text(program.functions[callback.function].name) << "() argument " << callback.parameter << ": ";
    writeField(callback.field);
    out << "\n";
  }
  const FieldKey *last = nullptr;
  for (const FieldCall &call : calls) {
    if (!last || *last != call.field) {
      writeField(call.field);
      out << "\n";
    }
    last = &call.field;
    out << "  " << contextName(call.context) << " at " << program.text(call.place.file) << ":" << call.place.line
        << ":";
    for (FunctionId function : call.chain)
      out << " " << program.text(program.functions[function].name) << "()";
    out << "\n";
  }
}

} // namespace bhlint
