#include "analysis/program/learned.h"

#include "analysis/program/callers.h"

#include "llvm/Support/JSON.h"

#include <algorithm>
#include <simdjson.h>
#include <zlib.h>

namespace bhlint {

using facts::RootKind;
using facts::ValueKind;

namespace {

constexpr unsigned fileVersion = 2;
constexpr std::size_t mostEntries = 6; ///< of one function

// Writing -------------------------------------------------------------------------------------------------------------

/// A term in words that hold in another program: "p1", "*p1|record.field", "g:name@file|record.field", "t:in_atomic".
std::string textOf(const Program &program, const TermTable &terms, Term term) {
  switch (term.kind) {
  case ValueKind::Parameter:
    return "p" + std::to_string(term.index);
  case ValueKind::ContextTest:
    return "t:" + program.text(term.index).str();
  case ValueKind::Constant:
    return "c";
  case ValueKind::Load: {
    const PathTerm &path = terms[term.index];
    std::string text;
    if (path.root == RootKind::Parameter) {
      text = "*p" + std::to_string(path.index);
    } else if (path.root == RootKind::Global) {
      const GlobalVariable &global = program.globals[path.index];
      text = ("g:" + program.text(global.name) + "@" + program.text(global.file)).str();
    } else {
      return {};
    }
    for (const FieldKey &step : path.fields)
      text += ("|" + program.text(step.record) + "." + program.text(step.field)).str();
    return text;
  }
  default:
    return {};
  }
}

class Writer {
public:
  Writer(const Program &program, const Summaries &summaries, llvm::raw_ostream &out)
      : program(program), summaries(summaries), out(out) {}

  void run(const LearnedProvenance &provenance) {
    choose();
    out << "{\"format\":" << fileVersion << ",\"tool\":" << llvm::json::Value(provenance.tool)
        << ",\"kernel\":" << llvm::json::Value(provenance.kernel)
        << ",\"config\":" << llvm::json::Value(provenance.config) << ",\"units\":" << provenance.units
        << ",\"failed\":" << provenance.failed << ",\n\"functions\":[\n";
    for (std::size_t i = 0; i < order.size(); ++i)
      out << llvm::formatv("{0}", functionOf(order[i])) << (i + 1 < order.size() ? ",\n" : "\n");
    out << "],\n\"callers\":[\n";
    writeCallers();
    out << "],\n\"fields\":[\n";
    writeFields();
    out << "]}\n";
  }

private:
  /// [name, file, unreached, [[parameter, value], ...]]
  void writeCallers() {
    std::vector<FunctionId> told;
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      const Function &function = program.functions[id];
      if (program.isWholeKernel && function.body != noId && !function.isStatic && !function.isInHeader &&
          (function.isUnreached || !constantsOf(program, id).empty()))
        told.push_back(id);
    }
    auto key = [&](FunctionId id) {
      return std::make_pair(program.text(program.functions[id].name), program.text(program.functions[id].file));
    };
    llvm::sort(told, [&](FunctionId a, FunctionId b) { return key(a) < key(b); });
    for (std::size_t i = 0; i < told.size(); ++i) {
      llvm::json::Array constants;
      for (const ParameterConstant &constant : constantsOf(program, told[i]))
        constants.push_back(llvm::json::Array{constant.parameter, constant.value});
      out << llvm::formatv("{0}", llvm::json::Value(llvm::json::Array{key(told[i]).first, key(told[i]).second,
                                                                      program.functions[told[i]].isUnreached,
                                                                      std::move(constants)}))
          << (i + 1 < told.size() ? ",\n" : "\n");
    }
  }

  /// [record, field, bits, [value, ...]]
  void writeFields() {
    auto key = [&](const FieldDomain &domain) {
      return std::make_pair(program.text(domain.field.record), program.text(domain.field.field));
    };
    std::vector<const FieldDomain *> told;
    for (const FieldDomain &domain : program.fieldDomains)
      if (program.isWholeKernel)
        told.push_back(&domain);
    llvm::sort(told, [&](const FieldDomain *a, const FieldDomain *b) { return key(*a) < key(*b); });
    for (const FieldDomain *domain : told)
      out << llvm::formatv("{0}", llvm::json::Value(llvm::json::Array{key(*domain).first, key(*domain).second,
                                                                      domain->bits, llvm::json::Array(domain->values)}))
          << (domain != told.back() ? ",\n" : "\n");
  }

  /// Whether code that is looked at without this function's folder can call it.
  std::vector<bool> calledFromElsewhere() const {
    std::vector<bool> result(program.functions.size(), false);
    for (const Function &function : program.functions) {
      if (function.body == noId)
        continue;
      const Body &body = program.bodies[function.body];
      auto use = [&](FunctionId callee) {
        const Function &target = program.functions[callee];
        if (!target.isStatic && !target.isInHeader && target.body != noId &&
            (function.isInHeader || function.module != target.module || folderOf(function) != folderOf(target)))
          result[callee] = true;
      };
      for (const BodyEvent &event : body.events)
        if (event.kind == facts::EventKind::Call &&
            (event.call == facts::CallKind::Direct || event.call == facts::CallKind::Cleanup))
          use(event.index);
      for (const Operand &argument : body.arguments)
        if (argument.valueKind() == ValueKind::Function)
          use(argument.index);
    }
    return result;
  }
  llvm::StringRef folderOf(const Function &function) const { return program.text(function.file).rsplit('/').first; }

  /// What a caller would treat like an unknown function is left out.
  static bool saysSomething(const Summary &summary) {
    return summary.isComputed &&
           (!summary.sleeps.empty() || !summary.parameterCalls.empty() || summary.exits.size() != 1 ||
            !summary.exits.front().delta.isZero() || summary.exits.front().result.isKnown());
  }

  void choose() {
    std::vector<bool> isWanted(program.functions.size(), false);
    std::vector<bool> isCalled = calledFromElsewhere();
    isVisible.assign(program.functions.size(), false);
    std::vector<FunctionId> open;
    llvm::DenseMap<NameId, unsigned> definitions;
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (isCalled[id])
        ++definitions[program.functions[id].name];
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      const Function &function = program.functions[id];
      // Modules of their own may define one name several times; by name alone there is no telling them apart.
      if (!isCalled[id] || definitions[function.name] > 1 || !saysSomething(summaries[id]))
        continue;
      isWanted[id] = isVisible[id] = true;
      open.push_back(id);
    }
    for (FunctionId id : open)
      chooseEntries(id);
    // The steps that the chosen entries lead on to; of functions on the way nothing else is told.
    std::vector<std::pair<FunctionId, std::uint32_t>> steps;
    for (FunctionId id : open)
      for (std::uint32_t entry : chosen[id])
        steps.emplace_back(id, entry);
    while (!steps.empty()) {
      auto [id, index] = steps.back();
      steps.pop_back();
      const SleepEntry &entry = summaries[id].sleeps[index];
      if (!leadsOn(entry))
        continue;
      std::vector<std::uint32_t> &known = chosen[entry.callee];
      if (std::find(known.begin(), known.end(), entry.calleeEntry) != known.end())
        continue;
      known.push_back(entry.calleeEntry);
      isWanted[entry.callee] = true;
      steps.emplace_back(entry.callee, entry.calleeEntry);
    }
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (isWanted[id])
        order.push_back(id);
    auto key = [&](FunctionId id) {
      const Function &function = program.functions[id];
      return std::make_tuple(program.text(function.name), program.text(function.file), function.place.line, id);
    };
    std::sort(order.begin(), order.end(), [&](FunctionId a, FunctionId b) { return key(a) < key(b); });
    for (std::uint32_t i = 0; i < order.size(); ++i)
      indexOf[order[i]] = i;
  }

  /// In a recursive group the callee may have been summarised again since.
  bool leadsOn(const SleepEntry &entry) const {
    return entry.callee != noId && entry.calleeEntry < summaries[entry.callee].sleeps.size();
  }

  /// The most certain, least conditional, shortest ones. What is atomic by the function's own doing is no caller's
  /// fault.
  void chooseEntries(FunctionId id) {
    const std::vector<SleepEntry> &sleeps = summaries[id].sleeps;
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < sleeps.size(); ++i)
      if (!sleeps[i].isLocked && sleeps[i].contract != noId &&
          !(sleeps[i].isForbidden && sleeps[i].confidence == Confidence::Low))
        order.push_back(i);
    auto key = [&](std::uint32_t i) {
      return std::make_tuple(-static_cast<int>(sleeps[i].confidence), sleeps[i].guard.size(), sleeps[i].depth, i);
    };
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
    if (order.size() > mostEntries)
      order.resize(mostEntries);
    std::sort(order.begin(), order.end());
    chosen[id] = std::move(order);
  }

  static llvm::json::Value deltaValue(const Delta &delta) {
    return llvm::json::Array{delta.preempt, delta.bottomHalf, delta.irq, delta.rcu};
  }
  llvm::json::Value knowledgeValue(std::string term, const Knowledge &known) const {
    return llvm::json::Array{std::move(term), known.zeros, known.ones, known.isNonZero};
  }
  /// Of a guard on a sleep, what a caller in another module can know: not what globals hold.
  llvm::json::Array guardValue(const Guard &guard, bool withGlobals) const {
    std::vector<std::pair<std::string, Knowledge>> literals; // the order of terms depends on who was first
    for (const auto &[term, known] : guard)
      if (withGlobals || term.kind != ValueKind::Load || summaries.terms[term.index].root != RootKind::Global)
        literals.emplace_back(textOf(program, summaries.terms, term), known);
    llvm::sort(literals);
    llvm::json::Array result;
    for (const auto &[text, known] : literals)
      result.push_back(knowledgeValue(text, known));
    return result;
  }

  llvm::json::Value sleepValue(FunctionId id, const SleepEntry &entry) const {
    llvm::json::Object result;
    if (entry.contract == noId)
      return nullptr;
    const BodyEvent &event = program.bodyOf(id)->events[entry.event];
    result["contract"] = program.rules->sleeps[entry.contract].function;
    if (isVisible[id]) {
      if (llvm::json::Array guard = guardValue(entry.guard, false); !guard.empty())
        result["guard"] = std::move(guard);
      if (!entry.delta.isZero())
        result["delta"] = deltaValue(entry.delta);
      if (entry.confidence != Confidence::High)
        result["confidence"] = std::string(confidenceName(entry.confidence));
      if (entry.isForbidden)
        result["forbidden"] = true;
      result["depth"] = entry.depth;
      if (entry.avoidableCalls != 0)
        result["avoidable"] = entry.avoidableCalls;
      if (entry.doubts != noDoubt)
        result["doubts"] = entry.doubts;
    }
    result["file"] = program.text(event.place.file);
    result["line"] = event.place.line;
    if (leadsOn(entry)) {
      result["to"] = indexOf.lookup(entry.callee);
      const std::vector<std::uint32_t> &kept = chosen.find(entry.callee)->second;
      if (auto at = std::find(kept.begin(), kept.end(), entry.calleeEntry) - kept.begin(); at != 0)
        result["entry"] = at;
    }
    if (event.macro != 0)
      result["sink"] = program.text(event.macro);
    else if (entry.callee == noId && event.kind == facts::EventKind::Call && event.call == facts::CallKind::Direct)
      result["sink"] = program.text(program.functions[event.index].name);
    return result;
  }

  llvm::json::Value exitValue(const ExitEntry &exit) const {
    llvm::json::Object result;
    if (!exit.guard.empty())
      result["guard"] = guardValue(exit.guard, true);
    if (!exit.delta.isZero())
      result["delta"] = deltaValue(exit.delta);
    if (std::string text = exit.result.isKnown() ? textOf(program, summaries.terms, exit.result.term) : std::string();
        !text.empty()) {
      result["result"] = text;
      if (exit.result.mask != ~0ull || exit.result.bits != 0)
        result["bits"] = llvm::json::Array{exit.result.mask, exit.result.bits};
      if (exit.result.isNegated)
        result["negated"] = true;
    }
    if (!exit.resultKnowledge.isEmpty())
      result["known"] = knowledgeValue("", exit.resultKnowledge);
    if (exit.doubts != noDoubt)
      result["doubts"] = exit.doubts;
    return result;
  }

  llvm::json::Value functionOf(FunctionId id) const {
    const Function &function = program.functions[id];
    const Summary &summary = summaries[id];
    llvm::json::Object result;
    result["name"] = program.text(function.name);
    result["file"] = program.text(function.file);
    result["line"] = function.place.line;
    result["module"] = program.text(function.module);
    llvm::json::Array sleeps, exits, calls;
    for (std::uint32_t entry : chosen.lookup(id))
      sleeps.push_back(sleepValue(id, summary.sleeps[entry]));
    if (!sleeps.empty())
      result["sleeps"] = std::move(sleeps);
    if (!isVisible[id])
      return result;
    result["visible"] = true;
    for (const ExitEntry &exit : summary.exits)
      exits.push_back(exitValue(exit));
    result["exits"] = std::move(exits);
    for (const ParameterCall &call : summary.parameterCalls)
      calls.push_back(llvm::json::Array{call.parameter, deltaValue(call.delta), call.doubts});
    if (!calls.empty())
      result["calls"] = std::move(calls);
    return result;
  }

  const Program &program;
  const Summaries &summaries;
  llvm::raw_ostream &out;
  std::vector<FunctionId> order;
  std::vector<bool> isVisible;
  llvm::DenseMap<FunctionId, std::uint32_t> indexOf;
  llvm::DenseMap<FunctionId, std::vector<std::uint32_t>> chosen; ///< entries of each function that are written
};

// Reading -------------------------------------------------------------------------------------------------------------

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

template <typename T> T get(const object &from, std::string_view key, T otherwise) {
  T value;
  return from[key].get(value) == simdjson::SUCCESS ? value : otherwise;
}
std::string getText(const object &from, std::string_view key) {
  return std::string(get<std::string_view>(from, key, {}));
}
std::uint32_t getNumber(const object &from, std::string_view key, std::uint32_t otherwise = 0) {
  return static_cast<std::uint32_t>(get<std::uint64_t>(from, key, otherwise));
}

Delta readDelta(const element &from) {
  Delta delta;
  std::int8_t *const parts[] = {&delta.preempt, &delta.bottomHalf, &delta.irq, &delta.rcu};
  array values;
  if (from.get(values) != simdjson::SUCCESS)
    return delta;
  std::size_t i = 0;
  for (element value : values) {
    std::int64_t number = 0;
    if (i < std::size(parts) && value.get(number) == simdjson::SUCCESS)
      *parts[i++] = saturate(static_cast<int>(std::clamp<std::int64_t>(number, -Delta::limit, Delta::limit)));
  }
  return delta;
}

std::pair<std::string, Knowledge> readKnowledge(const element &from) {
  std::pair<std::string, Knowledge> result;
  array parts;
  if (from.get(parts) != simdjson::SUCCESS)
    return result;
  std::string_view text;
  if (parts.at(0).get(text) == simdjson::SUCCESS)
    result.first = text;
  if (parts.at(1).get(result.second.zeros) != simdjson::SUCCESS ||
      parts.at(2).get(result.second.ones) != simdjson::SUCCESS ||
      parts.at(3).get(result.second.isNonZero) != simdjson::SUCCESS)
    result.second = {};
  return result;
}

std::vector<std::pair<std::string, Knowledge>> readGuard(const object &from) {
  std::vector<std::pair<std::string, Knowledge>> guard;
  array literals;
  if (from["guard"].get(literals) == simdjson::SUCCESS)
    for (element literal : literals)
      guard.push_back(readKnowledge(literal));
  return guard;
}

LearnedSleep readSleep(const element &from) {
  LearnedSleep sleep;
  object fields;
  if (from.get(fields) != simdjson::SUCCESS)
    return sleep; // no contract: nothing that could be told
  sleep.contract = getText(fields, "contract");
  sleep.sink = getText(fields, "sink");
  sleep.file = getText(fields, "file");
  sleep.line = getNumber(fields, "line");
  sleep.to = getNumber(fields, "to", noId);
  sleep.entry = getNumber(fields, "entry");
  sleep.depth = static_cast<std::uint16_t>(getNumber(fields, "depth"));
  sleep.avoidableCalls = static_cast<std::uint16_t>(getNumber(fields, "avoidable"));
  sleep.doubts = static_cast<Doubts>(getNumber(fields, "doubts"));
  sleep.isForbidden = get(fields, "forbidden", false);
  sleep.isLocked = get(fields, "locked", false);
  sleep.confidence = confidenceFromName(get<std::string_view>(fields, "confidence", "high")).value_or(Confidence::Low);
  element delta;
  if (fields["delta"].get(delta) == simdjson::SUCCESS)
    sleep.delta = readDelta(delta);
  sleep.guard = readGuard(fields);
  return sleep;
}

LearnedExit readExit(const element &from) {
  LearnedExit exit;
  object fields;
  if (from.get(fields) != simdjson::SUCCESS)
    return exit;
  element part;
  if (fields["delta"].get(part) == simdjson::SUCCESS)
    exit.delta = readDelta(part);
  exit.guard = readGuard(fields);
  exit.result = getText(fields, "result");
  array bits;
  if (fields["bits"].get(bits) == simdjson::SUCCESS)
    if (bits.at(0).get(exit.mask) != simdjson::SUCCESS || bits.at(1).get(exit.bits) != simdjson::SUCCESS)
      exit.result.clear();
  exit.isNegated = get(fields, "negated", false);
  if (fields["known"].get(part) == simdjson::SUCCESS)
    exit.resultKnowledge = readKnowledge(part).second;
  exit.doubts = static_cast<Doubts>(getNumber(fields, "doubts"));
  return exit;
}

LearnedFunction readFunction(const object &fields) {
  LearnedFunction function;
  function.name = getText(fields, "name");
  function.file = getText(fields, "file");
  function.line = getNumber(fields, "line");
  function.module = getText(fields, "module");
  function.isVisible = get(fields, "visible", false);
  array parts;
  if (fields["sleeps"].get(parts) == simdjson::SUCCESS)
    for (element part : parts)
      function.sleeps.push_back(readSleep(part));
  if (fields["exits"].get(parts) == simdjson::SUCCESS)
    for (element part : parts)
      function.exits.push_back(readExit(part));
  if (fields["calls"].get(parts) == simdjson::SUCCESS)
    for (element part : parts) {
      array call;
      std::uint64_t parameter = 0, doubts = 0;
      element delta;
      if (part.get(call) == simdjson::SUCCESS && call.at(0).get(parameter) == simdjson::SUCCESS &&
          call.at(1).get(delta) == simdjson::SUCCESS && call.at(2).get(doubts) == simdjson::SUCCESS)
        function.calls.push_back({static_cast<std::uint32_t>(parameter), readDelta(delta), static_cast<Doubts>(doubts)});
    }
  return function;
}

/// False: it is not what writeCallers() writes.
bool readCallers(const element &from, LearnedContracts &result) {
  array parts, constants;
  std::string_view name, file;
  LearnedCallers callers;
  if (from.get(parts) != simdjson::SUCCESS || parts.at(0).get(name) != simdjson::SUCCESS ||
      parts.at(1).get(file) != simdjson::SUCCESS || parts.at(2).get(callers.isUnreached) != simdjson::SUCCESS ||
      parts.at(3).get(constants) != simdjson::SUCCESS)
    return false;
  for (element constant : constants) {
    array pair;
    std::uint64_t parameter = 0, value = 0;
    if (constant.get(pair) != simdjson::SUCCESS || pair.at(0).get(parameter) != simdjson::SUCCESS ||
        pair.at(1).get(value) != simdjson::SUCCESS)
      return false;
    callers.constants.emplace_back(static_cast<std::uint32_t>(parameter), static_cast<std::uint32_t>(value));
  }
  result.callers[(llvm::Twine(name) + "@" + llvm::Twine(file)).str()] = std::move(callers);
  return true;
}

/// False: it is not what writeFields() writes.
bool readField(const element &from, LearnedContracts &result) {
  array parts, values;
  std::string_view record, name;
  LearnedField field;
  if (from.get(parts) != simdjson::SUCCESS || parts.at(0).get(record) != simdjson::SUCCESS ||
      parts.at(1).get(name) != simdjson::SUCCESS || parts.at(2).get(field.bits) != simdjson::SUCCESS ||
      parts.at(3).get(values) != simdjson::SUCCESS)
    return false;
  for (element value : values)
    if (value.get(field.values.emplace_back()) != simdjson::SUCCESS)
      return false;
  field.record = record;
  field.field = name;
  result.fields.push_back(std::move(field));
  return true;
}

} // namespace

void writeLearned(const Program &program, const Summaries &summaries, const LearnedProvenance &provenance,
                  llvm::raw_ostream &out) {
  Writer(program, summaries, out).run(provenance);
}

/// The text of a gzip file; empty when it is damaged, or larger than such a file can be.
static std::string gunzip(llvm::StringRef bytes) {
  constexpr std::size_t largest = 1u << 30;
  constexpr int gzipWindow = 16 + MAX_WBITS;
  z_stream stream{};
  if (inflateInit2(&stream, gzipWindow) != Z_OK)
    return {};
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK && text.size() < largest) {
    char block[1 << 16];
    stream.next_out = reinterpret_cast<Bytef *>(block);
    stream.avail_out = sizeof block;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(block, sizeof block - stream.avail_out);
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END ? text : std::string();
}

llvm::Expected<LearnedContracts> readLearned(llvm::StringRef text, llvm::StringRef path) {
  if (text.starts_with("\x1f\x8b"))
    return readLearned(gunzip(text), path);
  auto failure = [&](const llvm::Twine &what) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   path + ": error: " + what + "; make it again with 'bhlint learn'");
  };
  simdjson::dom::parser parser;
  simdjson::padded_string padded(text.data(), text.size());
  object root;
  if (auto error = parser.parse(padded).get(root); error != simdjson::SUCCESS)
    return failure("this is no file of learned contracts: " + llvm::Twine(simdjson::error_message(error)));
  if (get<std::uint64_t>(root, "format", 0) != fileVersion)
    return failure("learned contracts of another format");
  LearnedContracts result;
  result.provenance.tool = getText(root, "tool");
  result.provenance.kernel = getText(root, "kernel");
  result.provenance.config = getText(root, "config");
  result.provenance.units = get<std::uint64_t>(root, "units", 0);
  result.provenance.failed = get<std::uint64_t>(root, "failed", 0);
  array functions;
  if (root["functions"].get(functions) != simdjson::SUCCESS)
    return failure("'functions' is missing");
  for (element entry : functions) {
    object fields;
    if (entry.get(fields) != simdjson::SUCCESS)
      return failure("function " + llvm::Twine(result.functions.size() + 1) + " is not an object");
    result.functions.push_back(readFunction(fields));
    if (result.functions.back().isVisible)
      result.byName[result.functions.back().name] = static_cast<std::uint32_t>(result.functions.size() - 1);
  }
  if (array callers; root["callers"].get(callers) == simdjson::SUCCESS) // of a part of a kernel they are not known
    for (element entry : callers)
      if (!readCallers(entry, result))
        return failure("what calls of function " + llvm::Twine(result.callers.size() + 1) + " say is not understood");
  if (array fields; root["fields"].get(fields) == simdjson::SUCCESS)
    for (element entry : fields)
      if (!readField(entry, result))
        return failure("what is stored in field " + llvm::Twine(result.fields.size() + 1) + " is not understood");
  for (LearnedFunction &function : result.functions)
    for (LearnedSleep &sleep : function.sleeps)
      if (sleep.to != noId &&
          (sleep.to >= result.functions.size() || sleep.entry >= result.functions[sleep.to].sleeps.size()))
        return failure("a chain of " + function.name + "() leads nowhere");
  return result;
}

} // namespace bhlint
