#include "analysis/program/reference.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

namespace {

/// Whether `path` is `stored`, or leads through it: `&o->f->count` through `o->f`.
bool leadsThrough(const Path &path, const Path &stored) {
  return !stored.fields.empty() && path.root == stored.root && path.index == stored.index &&
         path.fields.size() >= stored.fields.size() &&
         std::equal(stored.fields.begin(), stored.fields.end(), path.fields.begin());
}

bool isStoredTo(const Body &body, const Path &path, std::uint32_t after) {
  for (std::uint32_t i = after; i < body.events.size(); ++i)
    if (body.events[i].kind == EventKind::Store && leadsThrough(path, body.paths[body.events[i].index]))
      return true;
  return false;
}

} // namespace

bool givesUpReference(const Body &body, std::uint32_t call) {
  auto isGivenUp = [&](const Operand &argument) {
    if (argument.valueKind() == ValueKind::Load || argument.valueKind() == ValueKind::Address)
      return isStoredTo(body, body.paths[argument.index], call + 1);
    if (argument.valueKind() != ValueKind::Local)
      return false;
    // old = o->f; o->f = new; put(old);
    for (std::uint32_t i = 0; i < call; ++i) {
      const BodyEvent &event = body.events[i];
      if (event.kind == EventKind::Assign && event.index == argument.index && event.value.valueKind() == ValueKind::Load &&
          isStoredTo(body, body.paths[event.value.index], i + 1))
        return true;
    }
    return false;
  };
  return body.events[call].kind == EventKind::Call && llvm::any_of(body.argumentsOf(body.events[call]), isGivenUp);
}

} // namespace bhlint
