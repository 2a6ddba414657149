#include "analysis/map/loops.h"

#include "analysis/program/loops.h"

#include <algorithm>

namespace bhlint {

std::vector<Place> loopsOf(const Body &body) {
  std::vector<Place> places;
  for (const auto &[head, blocks] : naturalLoops(body)) {
    const Place *first = nullptr;
    for (std::uint32_t block : blocks)
      for (std::uint32_t e = 0; e < body.blocks[block].eventCount; ++e) {
        const BodyEvent &event = body.events[body.blocks[block].firstEvent + e];
        if (event.kind == facts::EventKind::Call && event.macro == 0 && (!first || event.place.line < first->line))
          first = &event.place;
      }
    if (first)
      places.push_back(*first);
  }
  std::sort(places.begin(), places.end(), [](const Place &a, const Place &b) { return a.line < b.line; });
  return places;
}

} // namespace bhlint
