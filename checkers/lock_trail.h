// LockTrail: how a LockNode is reached, told as the steps of a chain.
#pragma once

#include "checkers/checker.h"

namespace bhlint {

/// The place itself, or, where that is in a header, the call that leads there.
LockPlace blamed(const Analysis &analysis, LockPlace place);

/// Of the calls down to the place, and the place itself, those that their functions may also do without. With many of them
/// one condition mostly excludes another.
unsigned conditionalCalls(const Analysis &analysis, const LockPlace &place);

class LockTrail {
public:
  LockTrail(const Analysis &analysis, std::uint32_t node);

  /// The calls from the root down to the node's function; with where `held` was taken, if that is on the way.
  std::vector<ChainStep> calls(const HeldLock *held = nullptr) const;
  /// One more step, at an event of the node's function.
  ChainStep step(std::uint32_t event, const std::string &what) const;
  std::string function() const;
  std::string rootFunction() const;
  Root root() const;
  /// Of the contract that the root rests on.
  std::vector<std::string> evidence() const;
  /// What was taken for granted on the way.
  std::vector<std::string> assumptions() const;
  /// The functions on the way, the root first.
  std::vector<FunctionId> functions() const;

private:
  void addTaking(std::uint32_t node, const HeldLock *held, std::vector<ChainStep> &steps) const;

  const Analysis &analysis;
  std::vector<std::uint32_t> path;
};

} // namespace bhlint
