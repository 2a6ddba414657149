// Which object is queued on which queue, where the queue decides in which context the object's function runs.
#pragma once

#include "analysis/program/values.h"

#include <map>
#include <string>
#include <vector>

namespace bhlint {

/// A call that puts an object on a queue of a kind that the rules know.
struct QueueUse {
  Context context = Context::Process; ///< in which the queue's items run
  std::string queue;                  ///< its name, or the name of the field that holds it
  Place place;
  FunctionId in = noId;
};

/// By object. Calls with another queue, or with one that cannot be told, are not among them.
std::map<ObjectKey, std::vector<QueueUse>> findQueueUses(const Program &program);

} // namespace bhlint
