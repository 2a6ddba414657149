#include "driver/cli/function_contexts.h"

#include <algorithm>

namespace bhlint {

std::string placeText(const Program &program, const Place &place) {
  return program.text(place.file).str() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::vector<std::string> witnessOf(const Run &run, FunctionId id, Context context) {
  const Program &program = *run.program;
  std::vector<std::string> lines;
  for (unsigned hops = 0; id != noId && hops < 1000; ++hops) {
    const auto &reach = run.contexts->reach[id];
    auto found = std::find_if(reach.begin(), reach.end(), [&](const auto &entry) { return entry.first == context; });
    if (found == reach.end())
      break;
    const ContextMap::Reach &how = found->second;
    if (how.root != noId) {
      const ContextRoot &root = run.contexts->roots[how.root];
      lines.push_back(placeText(program, root.place) + ": " + root.why);
      break;
    }
    if (how.from == noId) {
      lines.push_back(placeText(program, program.functions[id].place) + ": " +
                      program.text(program.functions[id].name).str() +
                      "() may be called from anywhere: nothing in these units calls it");
      break;
    }
    const BodyEvent &event = program.bodyOf(how.from)->events[how.event];
    lines.push_back(placeText(program, event.place) + ": " + program.text(program.functions[how.from].name).str() +
                    "() calls " + program.text(program.functions[id].name).str() + "()");
    id = how.from;
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

} // namespace bhlint
