#include "analysis/facts/context.h"
#include "analysis/facts/severity.h"

#include <array>

namespace bhlint {

namespace {

struct ContextText {
  std::string_view name;
  std::string_view phrase;
};

/// In the order of `Context`.
constexpr std::array<ContextText, contextCount> contextTexts = {{
    {"nmi", "NMI context"},
    {"hardirq", "hard IRQ context"},
    {"irqsoff", "a section with interrupts off"},
    {"softirq", "softirq context"},
    {"tasklet", "tasklet context"},
    {"timer", "timer context"},
    {"bhwork", "BH workqueue context"},
    {"rcucallback", "RCU callback context"},
    {"completion", "completion callback context"},
    {"bhoff", "a section with bottom halves off"},
    {"atomic", "atomic context"},
    {"rcu", "an RCU read-side section"},
    {"process", "process context"},
}};

constexpr std::array<std::string_view, 3> confidenceNames = {"low", "medium", "high"};
constexpr std::array<std::string_view, 3> severityNames = {"error", "warning", "note"};

/// The value whose name is at that place of the list.
template <typename Value, std::size_t size>
std::optional<Value> valueOf(const std::array<std::string_view, size> &names, std::string_view name) {
  for (std::size_t i = 0; i < size; ++i)
    if (names[i] == name)
      return static_cast<Value>(i);
  return std::nullopt;
}

} // namespace

std::string_view contextName(Context context) { return contextTexts[static_cast<unsigned>(context)].name; }

std::string_view contextPhrase(Context context) { return contextTexts[static_cast<unsigned>(context)].phrase; }

std::optional<Context> contextFromName(std::string_view name) {
  for (unsigned i = 0; i < contextTexts.size(); ++i)
    if (contextTexts[i].name == name)
      return static_cast<Context>(i);
  return std::nullopt;
}

std::string_view confidenceName(Confidence confidence) { return confidenceNames[static_cast<unsigned>(confidence)]; }

std::optional<Confidence> confidenceFromName(std::string_view name) {
  return valueOf<Confidence>(confidenceNames, name);
}

std::string_view severityName(Severity severity) { return severityNames[static_cast<unsigned>(severity)]; }

std::optional<Severity> severityFromName(std::string_view name) { return valueOf<Severity>(severityNames, name); }

} // namespace bhlint
