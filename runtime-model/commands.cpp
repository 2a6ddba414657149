#include "runtime-model/commands.h"

#include "runtime-model/claims.h"
#include "runtime-model/latency.h"
#include "runtime-model/migration.h"
#include "runtime-model/recorded_traces.h"
#include "runtime-model/svg.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>

namespace bhlint::model {

namespace {

void print(const std::vector<Diagnostic> &diagnostics, llvm::raw_ostream &err) {
  for (const Diagnostic &diagnostic : diagnostics)
    err << toString(diagnostic) << '\n';
}

/// At most 4 MB: a scenario is written by hand.
std::unique_ptr<llvm::MemoryBuffer> readFile(const std::string &path, llvm::raw_ostream &err) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer) {
    err << "bhlint: error: " << path << ": " << buffer.getError().message() << '\n';
    return nullptr;
  }
  if ((*buffer)->getBufferSize() > (4u << 20)) {
    err << "bhlint: error: " << path << ": a scenario is at most 4 MB\n";
    return nullptr;
  }
  return std::move(*buffer);
}

bool writeFile(const std::string &path, const std::string &text, llvm::raw_ostream &err) {
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (!error) {
    out << text;
    out.close();
    error = out.error();
    out.clear_error();
  }
  if (error)
    err << "bhlint: error: " << path << ": " << error.message() << '\n';
  return !error;
}

bool isAsExpected(const Scenario &scenario, const Outcome &outcome) {
  if (!scenario.hasExpectation)
    return outcome.verdict != Verdict::Fails;
  return scenario.expectsFailure ? outcome.problem == scenario.expected : outcome.verdict != Verdict::Fails;
}

void printOutcome(const Scenario &scenario, const Outcome &outcome, const Replay &run, bool isJson,
                  llvm::raw_ostream &out) {
  if (isJson) {
    llvm::json::OStream json(out, 2);
    json.object([&] {
      json.attribute("name", scenario.name);
      json.attribute("profile", scenario.system.profile.rt ? "preempt-rt" : "preempt");
      json.attribute("verdict", verdictName(outcome.verdict));
      json.attribute("problem", problemKey(outcome.problem));
      json.attribute("states", static_cast<std::int64_t>(outcome.states));
      json.attribute("transitions", static_cast<std::int64_t>(outcome.transitions));
      json.attribute("steps", static_cast<std::int64_t>(outcome.trace.size()));
      json.attributeArray("timeline", [&] {
        for (const Event &event : run.events)
          json.object([&] {
            json.attribute("cpu", event.cpu);
            json.attribute("level", std::string(1, event.level));
            json.attribute("task", event.task);
            json.attribute("where", event.where);
            json.attribute("text", event.text);
            json.attribute("problem", event.isProblem);
          });
      });
    });
    out << '\n';
    return;
  }
  out << (scenario.name.empty() ? "scenario" : scenario.name) << ": " << verdictName(outcome.verdict);
  if (outcome.verdict == Verdict::Fails)
    out << ": " << problemName(outcome.problem);
  out << " (" << outcome.states << " states, " << outcome.transitions << " transitions)\n";
  if (outcome.verdict == Verdict::Fails)
    out << '\n' << timelineText(scenario.system, run.events);
}

} // namespace

Status runScenario(const RunOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  const std::unique_ptr<llvm::MemoryBuffer> text = readFile(options.file, err);
  if (!text)
    return Status::CouldNotRun;
  std::vector<Diagnostic> diagnostics;
  std::optional<Scenario> scenario = readScenario(text->getBuffer(), options.file, diagnostics, options.profile);
  print(diagnostics, err);
  if (!scenario)
    return Status::CouldNotRun;
  Strategy strategy;
  strategy.kind = options.isRandom ? Strategy::Random : Strategy::Exhaustive;
  strategy.seed = options.seed;
  strategy.maxStates = options.maxStates;
  strategy.reduces = options.reduces;
  const Outcome outcome = explore(scenario->system, scenario->initial, strategy);
  const Replay run = replay(scenario->system, scenario->initial, outcome.trace);
  printOutcome(*scenario, outcome, run, options.isJson, out);
  const std::string title = scenario->name + ": " + verdictName(outcome.verdict) +
                            (outcome.verdict == Verdict::Fails ? std::string(": ") + problemName(outcome.problem) : "");
  if (!options.svg.empty() && !writeFile(options.svg, timelineSvg(scenario->system, run.events, title), err))
    return Status::CouldNotRun;
  return isAsExpected(*scenario, outcome) ? Status::Fine : Status::Wrong;
}

namespace {

/// Which two of a cell's verdicts contradict each other; empty: none.
std::string contradiction(const Cell &cell) {
  auto isSet = [](CellVerdict v) { return v != CellVerdict::NotApplicable; };
  const bool isModelBad = cell.model != CellVerdict::Ok;
  if (isSet(cell.rule) && isSet(cell.model) && (cell.rule == CellVerdict::Bug) != isModelBad)
    return "rule and model";
  if (isSet(cell.kernel) && isSet(cell.model) && !agrees(cell.model, cell.kernel))
    return "model and kernel";
  return {};
}

void printCellsAsJson(const std::vector<Cell> &cells, llvm::raw_ostream &out) {
  llvm::json::OStream json(out, 1);
  json.object([&] {
    json.attributeArray("cells", [&] {
      for (const Cell &cell : cells)
        json.object([&] {
          json.attribute("profile", cell.profile);
          json.attribute("context", cell.context);
          json.attribute("operation", cell.operation);
          json.attribute("rule", cellVerdictName(cell.rule));
          json.attribute("model", cellVerdictName(cell.model));
          json.attribute("kernel", cellVerdictName(cell.kernel));
          json.attribute("why", llvm::json::fixUTF8(cell.why));
        });
    });
  });
  out << '\n';
}

} // namespace

namespace {

/// True for no name at all.
bool isKnown(const std::string &name, const char *what, const std::vector<std::string> &all, llvm::raw_ostream &err) {
  if (name.empty() || std::find(all.begin(), all.end(), name) != all.end())
    return true;
  err << "bhlint: error: there is no " << what << " '" << name << "'; there are:";
  for (const std::string &known : all)
    err << ' ' << known;
  err << '\n';
  return false;
}

} // namespace

Status printMatrix(const MatrixOptions &options, const RuleJudge &rules, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  if (!isKnown(options.context, "context", contextNames(), err) ||
      !isKnown(options.operation, "operation", operationNames(), err))
    return Status::CouldNotRun;
  std::vector<Cell> cells = computeMatrix(rules);
  std::erase_if(cells, [&](const Cell &cell) {
    return (!options.context.empty() && cell.context != options.context) ||
           (!options.operation.empty() && cell.operation != options.operation);
  });
  std::size_t contradictions = 0, recorded = 0, ruled = 0;
  for (const Cell &cell : cells) {
    contradictions += !contradiction(cell).empty();
    recorded += cell.kernel != CellVerdict::NotApplicable;
    ruled += cell.rule != CellVerdict::NotApplicable;
  }
  const Status status = contradictions ? Status::Wrong : Status::Fine;
  if (options.isJson) {
    printCellsAsJson(cells, out);
    return status;
  }
  out << llvm::left_justify("profile", 12) << llvm::left_justify("context", 28) << llvm::left_justify("operation", 34)
      << "rule    model   kernel  why\n";
  for (const Cell &cell : cells) {
    const std::string broken = contradiction(cell);
    out << llvm::left_justify(cell.profile, 12) << llvm::left_justify(cell.context, 28)
        << llvm::left_justify(cell.operation, 34) << llvm::left_justify(cellVerdictName(cell.rule), 8)
        << llvm::left_justify(cellVerdictName(cell.model), 8) << llvm::left_justify(cellVerdictName(cell.kernel), 8)
        << cell.why << (broken.empty() ? "" : "  << " + broken + " disagree") << '\n';
  }
  out << cells.size() << " cells, " << recorded << " with a kernel's record, " << ruled
      << " that rules speak about; disagreements: " << contradictions << '\n';
  return status;
}

Status printTrace(const std::string &name, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  const std::vector<std::string> all = traceNames();
  if (!isKnown(name, "trace", all, err))
    return Status::CouldNotRun;
  std::vector<Diagnostic> diagnostics;
  std::size_t possible = 0, total = 0;
  for (const std::string &one : name.empty() ? all : std::vector<std::string>{name})
    for (const RecordedTrace &trace : checkTrace(one, diagnostics)) {
      ++total;
      possible += trace.isPossible;
      out << trace.name << " on " << trace.kernel << ": "
          << (trace.isPossible ? "the model does exactly this" : "the model cannot do this") << " (" << trace.lines
          << " lines, " << trace.states << " states)\n";
      if (!name.empty() || !trace.isPossible)
        out << trace.timeline << (trace.wanted.empty() ? "" : "wanted next: " + trace.wanted + "\n") << '\n';
    }
  print(diagnostics, err);
  out << possible << " of " << total << " recorded traces are runs of the model\n";
  return possible == total && diagnostics.empty() ? Status::Fine : Status::Wrong;
}

namespace {

llvm::StringRef predictionName(Problem predicted) {
  return predicted == Problem::None ? llvm::StringRef("holds") : problemKey(predicted);
}

void printClaim(const Claim &claim, bool isLong, llvm::raw_ostream &out) {
  if (!claim.isDecided) {
    out << claim.id << "  not decided: " << claim.why << '\n';
    return;
  }
  out << claim.id << "  " << (claim.isSupported() ? "holds" : "refuted") << ": " << claim.text << '\n';
  for (const ClaimCase &one : claim.cases) {
    out << "      " << (one.isSupported ? "as claimed" : "not so  ") << "  " << one.scenario << ": "
        << (one.outcome.verdict == Verdict::Fails ? problemName(one.outcome.problem) : verdictName(one.outcome.verdict))
        << " (" << one.outcome.states << " states)\n";
    if (!one.timeline.empty() && (isLong || !one.isSupported))
      out << one.timeline << '\n';
  }
}

void printClaimsAsJson(const std::vector<Claim> &claims, llvm::raw_ostream &out) {
  llvm::json::OStream json(out, 1);
  json.object([&] {
    json.attributeArray("claims", [&] {
      for (const Claim &claim : claims)
        json.object([&] {
          json.attribute("id", claim.id);
          json.attribute("verdict", !claim.isDecided ? "undecided" : claim.isSupported() ? "holds" : "refuted");
          json.attribute("claim", claim.text);
          json.attribute("why", claim.why);
          json.attributeArray("cases", [&] {
            for (const ClaimCase &one : claim.cases)
              json.object([&] {
                json.attribute("scenario", one.scenario);
                json.attribute("predicted", predictionName(one.predicted));
                json.attribute("found", one.outcome.verdict == Verdict::Fails ? problemKey(one.outcome.problem)
                                                                            : llvm::StringRef("holds"));
                json.attribute("exhausted", one.outcome.verdict != Verdict::HoldsBounded);
                json.attribute("states", static_cast<std::int64_t>(one.outcome.states));
                json.attribute("steps", static_cast<std::int64_t>(one.outcome.trace.size()));
                json.attribute("timeline", llvm::json::fixUTF8(one.timeline));
              });
          });
        });
    });
  });
  out << '\n';
}

} // namespace

Status printClaims(const ClaimOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::vector<Diagnostic> diagnostics;
  std::vector<Claim> claims = decideClaims(diagnostics);
  print(diagnostics, err);
  if (!options.id.empty())
    std::erase_if(claims, [&](const Claim &claim) { return claim.id != options.id; });
  if (claims.empty()) {
    err << "bhlint: error: there is no claim '" << options.id << "'; ids are A01 to A117 and B01 to B36\n";
    return Status::CouldNotRun;
  }
  if (options.isJson) {
    printClaimsAsJson(claims, out);
    return Status::Fine;
  }
  std::size_t decided = 0, supported = 0;
  for (const Claim &claim : claims) {
    printClaim(claim, !options.id.empty(), out);
    decided += claim.isDecided;
    supported += claim.isDecided && claim.isSupported();
  }
  out << claims.size() << " claims: " << supported << " hold, " << decided - supported << " are refuted, "
      << claims.size() - decided << " are not about behaviour\n";
  return Status::Fine;
}

Status runLatencyFile(const LatencyRunOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  const std::unique_ptr<llvm::MemoryBuffer> text = readFile(options.file, err);
  if (!text)
    return Status::CouldNotRun;
  std::vector<Diagnostic> diagnostics;
  const std::vector<LatencyResult> results = runLatency(text->getBuffer(), options.file, diagnostics);
  print(diagnostics, err);
  if (!diagnostics.empty() || results.empty())
    return Status::CouldNotRun;
  std::vector<Curve> curves;
  auto row = [&](const char *part, const Distribution &d) {
    out << "  " << llvm::left_justify(part, 12) << llvm::format("p50 %9.2f us  p99 %9.2f us  max %9.2f us  (%zu samples)\n",
                                                              d.percentile(50), d.percentile(99), d.percentile(100),
                                                              d.samples.size());
  };
  for (const LatencyResult &result : results) {
    curves.push_back({result.name + ": top half", result.top.samples});
    curves.push_back({result.name + ": all done", result.bottom.samples});
    if (options.isJson)
      continue;
    out << result.name << ": " << result.events << " interrupts, " << result.coalesced << " while one was pending\n";
    row("top half", result.top);
    row("all done", result.bottom);
  }
  if (options.isJson) {
    llvm::json::OStream json(out, 2);
    json.array([&] {
      for (const LatencyResult &result : results)
        json.object([&] {
          json.attribute("name", result.name);
          json.attribute("events", static_cast<std::int64_t>(result.events));
          for (const auto &[part, d] : {std::pair("top", &result.top), std::pair("bottom", &result.bottom)})
            json.attributeObject(part, [&] {
              json.attribute("p50", d->percentile(50));
              json.attribute("p99", d->percentile(99));
              json.attribute("max", d->percentile(100));
            });
        });
    });
    out << '\n';
  }
  if (!options.svg.empty() && !writeFile(options.svg, curvesSvg(curves, "Interrupt latency, modelled"), err))
    return Status::CouldNotRun;
  return Status::Fine;
}

Status printMigrations(bool isJson, llvm::raw_ostream &out, llvm::raw_ostream &err) {
  std::vector<Diagnostic> diagnostics;
  const std::vector<MigrationResult> results = proveMigrations(diagnostics);
  print(diagnostics, err);
  bool isFine = diagnostics.empty();
  for (const MigrationResult &result : results)
    isFine &= result.isEquivalent == result.expectsEquivalent;
  if (isJson) {
    llvm::json::OStream json(out, 2);
    json.array([&] {
      for (const MigrationResult &result : results)
        json.object([&] {
          json.attribute("migration", result.name);
          json.attribute("observes", result.what);
          json.attribute("equivalent", result.isEquivalent);
          json.attribute("states", static_cast<std::int64_t>(result.before.outcome.states + result.after.outcome.states));
          json.attribute("difference", llvm::json::fixUTF8(result.difference));
        });
    });
    out << '\n';
    return isFine ? Status::Fine : Status::Wrong;
  }
  for (const MigrationResult &result : results)
    out << (result.isEquivalent ? "equivalent  " : "different   ") << result.name << "\n            (" << result.what << "; "
        << result.before.outcome.states << " and " << result.after.outcome.states << " states)\n"
        << result.difference << (result.difference.empty() ? "" : "\n");
  return isFine ? Status::Fine : Status::Wrong;
}

} // namespace bhlint::model
