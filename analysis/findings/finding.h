// Finding: one thing that bhlint says. Plain data, filled by checkers, sorted and written by the writers in this folder.
//
// It is not an analysis result to compute on: contexts, summaries and states live in analysis/program.
#pragma once

#include "analysis/facts/context.h"
#include "analysis/facts/severity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bhlint {

/// `file` is relative to the tree; 1-based; 0 = unknown.
struct SourcePlace {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  friend auto operator<=>(const SourcePlace &, const SourcePlace &) = default;
};

/// One hop from the atomic root to the sleep, in execution order.
struct ChainStep {
  std::string function; ///< in which the place lies
  SourcePlace place;
  std::string what;     ///< "bar_task() calls bar_flush()", "takes &p->lock", "mutex_lock() sleeps"
  friend bool operator==(const ChainStep &, const ChainStep &) = default;
};

struct Root {
  std::string function;
  SourcePlace place;
  std::string why;      ///< "bar_task() is a tasklet: registered by tasklet_setup() in bar_probe()"
  friend bool operator==(const Root &, const Root &) = default;
};

struct Suggestion {
  std::string mechanism;
  std::string why;
  friend bool operator==(const Suggestion &, const Suggestion &) = default;
};

/// What is held where the sink is called, as counts: what a replay in the runtime model starts from.
struct HeldState {
  int preempt = 0, bottomHalf = 0, irq = 0, rcu = 0;
  std::string by;         ///< the call that took it, as shown in timelines: "spin_lock(&p->lock)"
  friend bool operator==(const HeldState &, const HeldState &) = default;
};

/// What kind of call the sink is, for the replay. Other: it is not about sleeping, and is not replayed.
enum class SinkKind : std::uint8_t { Sleep, Mutex, Allocation, UserAccess, Forbidden, Other };

enum class ReplayState : std::uint8_t { NotModelled, Reproduced, NotReproduced };

/// Which patch of a gated series brought a finding, and where.
struct Introduction {
  unsigned patch = 0; ///< into Gate::patches
  SourcePlace place;  ///< the line of the patch that causes it, as it is at the end of the series
  friend bool operator==(const Introduction &, const Introduction &) = default;
};

/// Replaces text of one file. Lines and columns are 1-based; columns count characters (code points), not bytes.
struct Replacement {
  std::string file;                    ///< relative to the tree
  unsigned offset = 0, length = 0;     ///< bytes
  unsigned line = 0, column = 0;       ///< of the first character
  unsigned endLine = 0, endColumn = 0; ///< behind the last one
  std::string text;
  friend auto operator<=>(const Replacement &, const Replacement &) = default;
};

/// Text after which the finding is gone and none has come: driver/fix/fix.h says what that was proven by.
struct FindingEdit {
  std::string what; ///< "GFP_KERNEL becomes GFP_ATOMIC for kmalloc(), whose failure is looked at"
  std::string note; ///< what else changes with it; empty: nothing to say
  std::vector<Replacement> replacements;
  friend bool operator==(const FindingEdit &, const FindingEdit &) = default;
};

/// A finding that another one of the same defect speaks for (defects.h).
struct OtherSink {
  SourcePlace place;
  std::string function;
  std::string sink;
  Confidence confidence = Confidence::High;
  std::string fingerprint;
  friend bool operator==(const OtherSink &, const OtherSink &) = default;
};

struct Finding {
  std::string rule;
  SourcePlace place;      ///< of the sleeping call, or of what else is wrong
  std::string function;   ///< in which `place` lies
  std::string sink;       ///< the function or macro that sleeps, as written there; of other rules: the call that is wrong, or
                          ///< the handler that may still come
  std::string context;    ///< contextName() of the root, or "spinlock held", "irqs off", ...: why it is atomic
  Confidence confidence = Confidence::High;
  Severity severity = Severity::Error; ///< of the rule and the confidence, else as the settings of its folder say
  std::string fingerprint;///< hex; no line numbers in it; set by assignFingerprints()
  std::string message;
  Root root;
  std::vector<ChainStep> chain; ///< from the root to the sink, ends at the primitive that sleeps
  Suggestion suggestion;
  std::vector<std::string> assumptions; ///< why the confidence is not higher; what guards were assumed
  std::vector<std::string> evidence;    ///< kernel sources behind the contracts used: "kernel/softirq.c:788"
  Context ambient = Context::Process;   ///< where the root runs, locks apart
  unsigned conditionalCalls = 0; ///< calls of the chain that their functions may also do without
  HeldState held;         ///< at the sink, beyond what `ambient` says
  SinkKind sinkKind = SinkKind::Sleep;
  ReplayState replay = ReplayState::NotModelled;
  std::vector<OtherSink> otherSinks;      ///< set by joinDefects(): what else sleeps behind the same call
  std::optional<Introduction> introduced; ///< set in the report of a gate
  std::optional<FindingEdit> edit;        ///< set where edits were asked for, and one holds

  /// Where a reviewer is to look: the line of the patch, else where it sleeps.
  const SourcePlace &shownPlace() const { return introduced ? introduced->place : place; }
  friend bool operator==(const Finding &, const Finding &) = default;
};

struct FailedUnit {
  std::string file;
  std::string reason;
};

/// What a reader wants to know of a rule beside a finding.
struct RuleText {
  std::string id;
  std::string title;
  std::string why;
  std::string page; ///< the whole page, as `bhlint rules show` prints it
  Severity severity = Severity::Error;
  bool isDefault = true; ///< false: shown only when settings or the command line ask for it
};

struct Patch {
  std::string id; ///< of the commit; empty: not committed (a mailbox, the work tree)
  std::string subject;
  std::string author; ///< "Name <address>"
};

/// What a gate compared, and what is not new.
struct Gate {
  std::string base; ///< the commit that the series starts from
  std::string head; ///< the last commit; empty: a mailbox or the work tree
  std::vector<Patch> patches;
  std::vector<Finding> fixed;     ///< of the base, gone at the end of the series
  unsigned known = 0;             ///< findings of the base that are still there
  std::vector<Finding> transient; ///< brought by one patch and gone with a later one
  unsigned allowed = 0;           ///< new ones that a comment allows
  std::string tree;               ///< of the mail's header: where the tree is from
  std::string config;             ///< same: what it was configured as
  std::string reproduce;          ///< same: the command
};

/// What a run produced, for the writers.
struct Report {
  std::string toolVersion;
  std::vector<Finding> findings; ///< sorted by place, rule, fingerprint
  unsigned unitsAnalysed = 0;
  std::vector<FailedUnit> failedUnits;
  std::vector<RuleText> rules; ///< all of them, in the order of the rules
  unsigned notShown = 0;       ///< findings left out of `findings`, because there are more than were asked for
  std::optional<Gate> gate;    ///< set: `findings` are those that a series introduces, best first
};

} // namespace bhlint
