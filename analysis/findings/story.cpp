#include "analysis/findings/story.h"

namespace bhlint {

std::string placeText(const SourcePlace &place) {
  std::string text = place.file;
  if (!place.file.empty() && place.line != 0) {
    text += ":" + std::to_string(place.line);
    if (place.column != 0)
      text += ":" + std::to_string(place.column);
  }
  return text;
}

std::string patchOf(const Gate &gate, const Finding &finding) {
  constexpr std::size_t shortId = 12;
  const Patch &patch = gate.patches[finding.introduced->patch];
  std::string text = gate.patches.size() == 1 ? "the patch"
                                              : "patch " + std::to_string(finding.introduced->patch + 1) + " of " +
                                                    std::to_string(gate.patches.size());
  if (!patch.subject.empty())
    text += ", \"" + patch.subject + "\"";
  if (!patch.id.empty())
    text += " (" + patch.id.substr(0, shortId) + ")";
  return text;
}

std::vector<std::string> storyOf(const Finding &finding) {
  std::vector<std::string> lines;
  for (const Note &note : notesOf(finding))
    lines.push_back(placeText(note.place) + ": " + note.text);
  return lines;
}

std::string counted(std::size_t count, const std::string &noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

} // namespace bhlint
