// LockEffects: what calls do to the locks of their callers, for wrappers of locks, guards, and wrappers of those.
#pragma once

#include "analysis/program/lock_flow.h"

#include <deque>

namespace bhlint {

class LockEffects {
public:
  /// `locks`: by function, empty for those that are taken as their contracts say.
  LockEffects(const Program &program, const Summaries &summaries, const std::vector<std::vector<LockEvent>> &locks);
  /// In order: `locks`, which must outlive the result, and calls that change what their caller holds, as far as that is
  /// known.
  std::vector<LockChange> changesOf(const Body &body, const std::vector<LockEvent> &locks) const;

private:
  /// Null: nothing, or not known.
  const LockEffect *of(const BodyEvent &event) const;
  bool mayChangeLocks(FunctionId id) const;
  /// How many calls of functions with an effect are below one another there; finds the effect.
  unsigned levelOf(FunctionId id, unsigned depth);

  const Program &program;
  const Summaries &summaries;
  const std::vector<std::vector<LockEvent>> &locks;
  std::deque<LockEffect> effects;
  std::deque<unsigned> levels;        ///< beside `effects`
  std::vector<std::uint32_t> numbers; ///< by function: into `effects`; noId: none, or not found yet
};

} // namespace bhlint
