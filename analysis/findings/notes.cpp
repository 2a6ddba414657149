#include "analysis/findings/notes.h"

#include "analysis/findings/defects.h"

namespace bhlint {

namespace {

void addTrust(const Finding &finding, std::vector<Note> &notes) {
  for (const std::string &assumption : finding.assumptions)
    notes.push_back({finding.place, std::string(confidenceName(finding.confidence)) + " confidence: " + assumption, ""});
  if (finding.replay == ReplayState::NotReproduced)
    notes.push_back({finding.place, "the runtime model did not reproduce it", ""});
}

void addSuggestion(const Finding &finding, std::vector<Note> &notes) {
  const std::string advice = adviceOf(finding);
  if (advice.empty())
    return;
  // The place to change is mostly where the root was registered, not where it sleeps.
  notes.push_back({finding.root.place.file.empty() ? finding.place : finding.root.place, "instead: " + advice, ""});
}

} // namespace

/// The root, then the chain; where the chain begins with the root's own words (a lock is taken), they are said once.
std::vector<Note> witnessOf(const Finding &finding) {
  const Root &root = finding.root;
  std::vector<Note> notes;
  if (!root.why.empty())
    notes.push_back({root.place, root.why, root.function});
  for (const ChainStep &step : finding.chain)
    if (&step != &finding.chain.front() || step.place != root.place || step.what != root.why)
      notes.push_back({step.place, step.what, step.function});
  return notes;
}

std::string adviceOf(const Finding &finding) {
  const Suggestion &suggestion = finding.suggestion;
  if (suggestion.mechanism.empty())
    return {};
  return suggestion.mechanism + (suggestion.why.empty() ? "" : ": " + suggestion.why);
}

std::string editText(const FindingEdit &edit) { return edit.what + (edit.note.empty() ? "" : "; " + edit.note); }

std::vector<Note> notesOf(const Finding &finding) {
  std::vector<Note> notes = witnessOf(finding);
  if (const std::string others = otherSinksText(finding); !others.empty())
    notes.push_back({finding.place, "the same call also leads to " + others, ""});
  addTrust(finding, notes);
  addSuggestion(finding, notes);
  if (finding.edit)
    notes.push_back({finding.place, "edit: " + editText(*finding.edit), ""});
  return notes;
}

} // namespace bhlint
