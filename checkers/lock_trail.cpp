#include "checkers/lock_trail.h"

#include "checkers/words.h"

#include <algorithm>

namespace bhlint {

LockPlace blamed(const Analysis &analysis, LockPlace place) {
  for (;;) {
    const LockNode &node = analysis.locks.nodes[place.node];
    if (!analysis.program.functions[node.function].isInHeader || node.parent == noId)
      return place;
    place.node = node.parent;
    place.event = node.event;
  }
}

unsigned conditionalCalls(const Analysis &analysis, const LockPlace &place) {
  const LockNode &node = analysis.locks.nodes[place.node];
  return node.avoidableCalls + (isAvoidable(*analysis.program.bodyOf(node.function), place.event) ? 1u : 0u);
}

LockTrail::LockTrail(const Analysis &analysis, std::uint32_t node) : analysis(analysis) {
  for (; node != noId; node = analysis.locks.nodes[node].parent)
    path.push_back(node);
  std::reverse(path.begin(), path.end());
}

void LockTrail::addTaking(std::uint32_t node, const HeldLock *held, std::vector<ChainStep> &steps) const {
  if (!held || held->node != node || held->event == noId)
    return;
  const FunctionId function = analysis.locks.nodes[node].function;
  const BodyEvent &event = analysis.program.bodyOf(function)->events[held->event];
  const std::string name = nameOf(analysis.program, function);
  steps.push_back({name, placeOf(analysis.program, event.place),
                   name + "() takes " + textOf(analysis.program, held->name) + " with " +
                       calleeOf(analysis.program, event) + "()"});
}

std::vector<ChainStep> LockTrail::calls(const HeldLock *held) const {
  std::vector<ChainStep> steps;
  for (std::size_t i = 0; i < path.size(); ++i) {
    addTaking(path[i], held, steps);
    if (i + 1 == path.size())
      break;
    const LockNode &from = analysis.locks.nodes[path[i]], &to = analysis.locks.nodes[path[i + 1]];
    const std::string caller = nameOf(analysis.program, from.function);
    steps.push_back({caller,
                     placeOf(analysis.program, analysis.program.bodyOf(from.function)->events[to.event].place),
                     caller + (to.hop == Hop::Indirect ? "() calls through a pointer " : "() calls ") +
                         nameOf(analysis.program, to.function) + "()"});
  }
  return steps;
}

ChainStep LockTrail::step(std::uint32_t event, const std::string &what) const {
  const FunctionId last = analysis.locks.nodes[path.back()].function;
  return {nameOf(analysis.program, last), placeOf(analysis.program, analysis.program.bodyOf(last)->events[event].place),
          what};
}

std::string LockTrail::function() const {
  return nameOf(analysis.program, analysis.locks.nodes[path.back()].function);
}

std::string LockTrail::rootFunction() const {
  return nameOf(analysis.program, analysis.locks.nodes[path.front()].function);
}

Root LockTrail::root() const {
  const LockNode &first = analysis.locks.nodes[path.front()];
  Root result;
  result.function = rootFunction();
  if (first.root == noId) {
    const Function &function = analysis.program.functions[first.function];
    result.place = placeOf(analysis.program, function.place);
    result.why = result.function + "() may be called by anyone";
    return result;
  }
  const ContextRoot &root = analysis.contexts.roots[first.root];
  result.place = placeOf(analysis.program, root.place);
  result.why = root.why;
  return result;
}

std::vector<std::string> LockTrail::evidence() const {
  const LockNode &first = analysis.locks.nodes[path.front()];
  return first.root == noId ? std::vector<std::string>() : analysis.contexts.roots[first.root].evidence;
}

std::vector<std::string> LockTrail::assumptions() const {
  std::vector<std::string> result;
  for (std::uint32_t node : path)
    if (analysis.locks.nodes[node].hop == Hop::Indirect)
      result.push_back(nameOf(analysis.program, analysis.locks.nodes[node].function) +
                       "() is what the function pointer holds");
  if (analysis.locks.nodes[path.back()].isFlagDecided)
    result.push_back("a flag in an object says in which context it is used; who sets it is not in sight");
  const LockNode &first = analysis.locks.nodes[path.front()];
  if (first.root != noId && analysis.contexts.roots[first.root].confidence != Confidence::High)
    result.push_back("the contract that says where " + rootFunction() + "() runs is not certain");
  return result;
}

std::vector<FunctionId> LockTrail::functions() const {
  std::vector<FunctionId> result;
  for (std::uint32_t node : path)
    result.push_back(analysis.locks.nodes[node].function);
  return result;
}

} // namespace bhlint
