#include "analysis/facts/context.h"

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
  for (unsigned i = 0; i < confidenceNames.size(); ++i)
    if (confidenceNames[i] == name)
      return static_cast<Confidence>(i);
  return std::nullopt;
}

} // namespace bhlint
