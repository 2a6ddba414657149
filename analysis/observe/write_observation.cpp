#include "analysis/observe/write_observation.h"

#include "analysis/findings/escape.h"
#include "analysis/observe/quantity_text.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

namespace bhlint {

namespace {

/// Rows of words, each column as wide as its widest; the first `left` columns begin at the left.
class Table {
public:
  explicit Table(std::size_t left) : left(left) {}
  void add(std::vector<std::string> row) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
    rows.push_back(std::move(row));
  }
  void write(llvm::raw_ostream &out) const {
    for (const std::vector<std::string> &row : rows) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string space(widths[i] - row[i].size(), ' ');
        line += "  " + (i < left ? row[i] + space : space + row[i]);
      }
      out << llvm::StringRef(line).rtrim() << "\n";
    }
  }

private:
  std::size_t left;
  std::vector<std::size_t> widths;
  std::vector<std::vector<std::string>> rows;
};

void writeCounters(const ObservedSystem &system, llvm::raw_ostream &out) {
  for (const ObservedCounters &counters : system.counters) {
    out << counters.title << ", per second over " << rateText(system.seconds) << " s:\n";
    Table table(1);
    std::vector<std::string> head{"", "all"};
    head.insert(head.end(), counters.cpus.begin(), counters.cpus.end());
    table.add(std::move(head));
    for (const RateRow &row : counters.rates) {
      std::vector<std::string> cells{escapeForTerminal(row.about.empty() ? row.name : row.name + " " + row.about),
                                     rateText(row.total)};
      for (double value : row.perSecond)
        cells.push_back(rateText(value));
      table.add(std::move(cells));
    }
    if (counters.rates.empty())
      out << "  none\n";
    else
      table.write(out);
    out << "\n";
  }
}

std::string contextOf(const ObservedHandler &handler) {
  std::string name(contextName(handler.context));
  return handler.isContextCertain ? name : name + " or " + std::string(contextName(*handler.span->inSoftirq));
}

std::string named(const ObservedHandler &handler) {
  return handler.isFunction ? handler.name + "()" : escapeForTerminal(handler.name);
}

void writeHandlers(const ObservedSystem &system, llvm::raw_ostream &out) {
  const Observation &trace = system.trace;
  Table table(3);
  std::vector<std::string> head{"mechanism", "handler", "context", "count",         "per s",
                                "run: mean", "longest", "all",     "latency: mean", "longest"};
  if (!system.predictions.empty())
    head.push_back("analysis");
  table.add(std::move(head));
  for (std::size_t i = 0; i < trace.handlers.size(); ++i) {
    const ObservedHandler &handler = trace.handlers[i];
    std::vector<std::string> row{handler.span->mechanism, named(handler), contextOf(handler),
                                 std::to_string(handler.count), rateText(trace.perSecond(handler.count))};
    auto add = [&](bool isKnown, std::uint64_t value) { row.push_back(isKnown ? durationText(value) : "-"); };
    add(handler.run.count != 0, handler.run.mean());
    add(handler.run.count != 0, handler.run.longest);
    add(handler.run.count != 0, handler.run.total);
    add(handler.latency.count != 0, handler.latency.mean());
    add(handler.latency.count != 0, handler.latency.longest);
    if (!system.predictions.empty())
      row.push_back(system.predictions[i].prediction == Prediction::None
                        ? "-"
                        : std::string(predictionName(system.predictions[i].prediction)));
    table.add(std::move(row));
  }
  table.write(out);
}

void writeTooLong(const ObservedSystem &system, llvm::raw_ostream &out) {
  bool isFirst = true;
  for (const ObservedHandler &handler : system.trace.handlers) {
    if (!handler.isTooLong())
      continue;
    out << (isFirst ? "\ntoo long for their context:\n" : "");
    isFirst = false;
    out << "  " << named(handler) << ": " << durationText(handler.run.longest) << " as " << handler.span->mechanism
        << ", limit " << durationText(handler.span->longest) << ": " << handler.span->why << " ("
        << escapeForTerminal(system.traceName) << ":" << handler.run.longestLine << ")\n";
  }
}

std::string contextList(const std::vector<Context> &contexts) {
  std::string text;
  for (Context context : contexts)
    text += (text.empty() ? "" : ", ") + std::string(contextName(context));
  return text.empty() ? "nowhere" : text;
}

void writeGaps(const ObservedSystem &system, llvm::raw_ostream &out) {
  bool isFirst = true;
  for (std::size_t i = 0; i < system.predictions.size(); ++i) {
    const PredictedHandler &predicted = system.predictions[i];
    const ObservedHandler &handler = system.trace.handlers[i];
    if (predicted.prediction != Prediction::Missed)
      continue;
    out << (isFirst ? "\nnot predicted by the analysis, which is a gap in it, in the rules or in the units:\n" : "");
    isFirst = false;
    out << "  " << escapeForTerminal(system.program->text(predicted.place.file)) << ":" << predicted.place.line << ": "
        << named(handler) << " ran as " << handler.span->mechanism << " in " << contextOf(handler) << " ("
        << escapeForTerminal(system.traceName) << ":" << handler.firstLine
        << "); predicted: " << contextList(predicted.contexts) << "\n";
  }
}

void writeTrace(const ObservedSystem &system, llvm::raw_ostream &out) {
  const Observation &trace = system.trace;
  out << escapeForTerminal(system.traceName) << ": " << durationText(trace.nanoseconds) << ", " << trace.cpus
      << (trace.cpus == 1 ? " CPU, " : " CPUs, ") << trace.events << (trace.events == 1 ? " event" : " events");
  if (trace.lost != 0)
    out << ", " << trace.lost << " lost by the kernel's buffer";
  out << "\n";
  writeHandlers(system, out);
  writeTooLong(system, out);
  writeGaps(system, out);
}

std::string utf8(llvm::StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); }

void writeJsonCounters(const ObservedSystem &system, llvm::json::OStream &json) {
  for (const ObservedCounters &counters : system.counters)
    json.attributeObject(counters.title, [&] {
      json.attribute("seconds", system.seconds);
      json.attributeArray("cpus", [&] {
        for (const std::string &cpu : counters.cpus)
          json.value(utf8(cpu));
      });
      json.attributeArray("vectors", [&] {
        for (const RateRow &row : counters.rates)
          json.object([&] {
            json.attribute("name", utf8(row.name));
            json.attribute("about", utf8(row.about));
            json.attribute("rate", row.total);
            json.attributeArray("rates", [&] {
              for (double value : row.perSecond)
                json.value(value);
            });
          });
      });
    });
}

void writeJsonDurations(llvm::StringRef name, const Durations &durations, llvm::json::OStream &json) {
  if (durations.count == 0)
    return;
  json.attributeObject(name, [&] {
    json.attribute("count", durations.count);
    json.attribute("total", durations.total);
    json.attribute("mean", durations.mean());
    json.attribute("longest", durations.longest);
    json.attribute("longestLine", durations.longestLine);
  });
}

void writeJsonHandler(const ObservedSystem &system, std::size_t index, llvm::json::OStream &json) {
  const ObservedHandler &handler = system.trace.handlers[index];
  json.attribute("mechanism", handler.span->mechanism);
  json.attribute(handler.isFunction ? "function" : "name", utf8(handler.name));
  json.attribute("context", llvm::StringRef(contextName(handler.context)));
  json.attribute("contextCertain", handler.isContextCertain);
  json.attribute("count", handler.count);
  json.attribute("rate", system.trace.perSecond(handler.count));
  json.attribute("firstLine", handler.firstLine);
  writeJsonDurations("run", handler.run, json);
  writeJsonDurations("latency", handler.latency, json);
  json.attribute("tooLong", handler.isTooLong());
  if (system.predictions.empty() || system.predictions[index].prediction == Prediction::None)
    return;
  const PredictedHandler &predicted = system.predictions[index];
  json.attribute("analysis", llvm::StringRef(predictionName(predicted.prediction)));
  if (predicted.prediction == Prediction::NotAnalysed)
    return;
  json.attribute("file", utf8(system.program->text(predicted.place.file)));
  json.attribute("line", predicted.place.line);
  json.attributeArray("contexts", [&] {
    for (Context context : predicted.contexts)
      json.value(llvm::StringRef(contextName(context)));
  });
}

void writeJsonTrace(const ObservedSystem &system, llvm::json::OStream &json) {
  const Observation &trace = system.trace;
  json.attribute("name", utf8(system.traceName));
  json.attribute("nanoseconds", trace.nanoseconds);
  json.attribute("cpus", trace.cpus);
  json.attribute("events", trace.events);
  json.attribute("lost", trace.lost);
  json.attribute("unreadable", trace.unreadable);
  json.attributeArray("handlers", [&] {
    for (std::size_t i = 0; i < trace.handlers.size(); ++i)
      json.object([&] { writeJsonHandler(system, i, json); });
  });
}

} // namespace

bool ObservedSystem::hasGaps() const {
  return llvm::any_of(predictions, [](const auto &predicted) { return predicted.prediction == Prediction::Missed; });
}

void writeText(const ObservedSystem &system, llvm::raw_ostream &out) {
  writeCounters(system, out);
  if (!system.traceName.empty())
    writeTrace(system, out);
}

void writeJson(const ObservedSystem &system, llvm::raw_ostream &out) {
  llvm::json::OStream json(out, 2);
  json.object([&] {
    writeJsonCounters(system, json);
    if (!system.traceName.empty())
      json.attributeObject("trace", [&] { writeJsonTrace(system, json); });
  });
  out << "\n";
}

} // namespace bhlint
