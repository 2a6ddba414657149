// Witness: a SleepSite told as a story, from what makes the code atomic down to what sleeps.
#pragma once

#include "checkers/checker.h"

#include <string>

namespace bhlint {

/// Where to put the finding: usually the site itself; higher up when the site lies in a header, or when the caller
/// chose the allocation flags.
struct Blame {
  std::uint32_t node = noId;
  std::uint32_t event = noId;
  FunctionId callee = noId; ///< noId: a macro
};

class Witness {
public:
  Witness(const Analysis &analysis, const SleepSite &site);

  Blame blame() const { return blamed; }
  Root root() const;
  std::vector<ChainStep> chain() const;
  /// "mutex_lock": what is called at the blamed place, as written there.
  std::string sink() const;
  std::string function() const;
  SourcePlace place() const;
  /// contextName(), by what makes it atomic.
  Context context() const;
  /// "tasklet context", "an RCU read-side section": where the code runs.
  std::string phrase() const;
  /// "&p->lock", "a spinlock", "the RCU read lock": what is held, when isLockHeld().
  std::string heldThing() const;
  bool isLockHeld() const { return isLock; }
  /// "&p->lock" or empty.
  std::string lock() const;
  Context ambient() const { return analysis.contexts.nodes[site.node].ambient; }
  HeldState held() const;
  std::vector<std::string> evidence() const;
  std::vector<std::string> assumptions() const;

private:
  void findBlame();
  std::string nameOf(FunctionId id) const;
  std::string calleeName(std::uint32_t node, std::uint32_t event, FunctionId callee) const;
  const BodyEvent &eventOf(std::uint32_t node, std::uint32_t event) const;
  SourcePlace placeOf(const Place &place) const;
  std::string lockOfMacro(const Body &body, std::uint32_t macro) const;
  std::string lockStep() const;
  bool addLearnedStep(std::vector<ChainStep> &steps, FunctionId function, const SleepEntry &step) const;
  void addSummaryChain(std::vector<ChainStep> &steps) const;
  std::string endOf(const SleepContract &contract, llvm::StringRef name) const;

  const Analysis &analysis;
  const Program &program;
  const SleepSite &site;
  std::vector<std::uint32_t> path; ///< nodes, root first
  Blame blamed;
  bool isLock = false;
};

} // namespace bhlint
