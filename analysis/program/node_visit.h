// NodeVisit: one step of the inference of contexts. The function of a node is explored in its context, and tells what is
// called from there in a state that matters, and what sleeps.
#pragma once

#include "analysis/program/contexts.h"

#include <atomic>
#include <memory>
#include <set>

namespace bhlint {

/// The fields that contracts say when and how they are called: what is stored there is a root of its own.
using FieldSet = std::set<FieldKey>;
bool isContracted(const FieldSet &contractedFields, const Body &body, const BodyEvent &event);

constexpr std::uint16_t bit(Context context) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(context));
}

/// BhOff and the like are not where code runs but what holds there: they can be combined with a process.
bool isStateOnly(Context context);

/// The outlines of bodies, each made when first asked for: a function is visited once for each context that it has. May be
/// used by several threads; who makes one in vain throws it away.
class OutlineTable {
public:
  OutlineTable(const Program &program, const CallResolver &resolver, const Summaries &summaries);
  ~OutlineTable();
  OutlineTable(const OutlineTable &) = delete;
  const BodyOutline &operator[](FunctionId function);

private:
  const Program &program;
  const CallResolver &resolver;
  const Summaries &summaries;
  std::unique_ptr<std::atomic<const BodyOutline *>[]> outlines;
};

/// Reads the map and changes nothing, so nodes are visited in parallel.
class NodeVisit {
public:
  NodeVisit(const Program &program, const CallResolver &resolver, const Summaries &summaries, const ContextMap &map,
            const FieldSet &contractedFields, OutlineTable &outlines, std::uint32_t id)
      : program(program), rules(*program.rules), resolver(resolver), summaries(summaries), terms(summaries.terms),
        map(map), contractedFields(contractedFields), outlines(outlines), id(id), node(map.nodes[id]) {}

  void run();

  struct PendingSite {
    SleepSite site;
    bool isConditional = false; ///< reached only if something that was tested under the lock holds
  };
  std::vector<ContextNode> pendingNodes;
  std::vector<PendingSite> pendingSites;

private:
  bool isAtomic(const Delta &held) const;

  /// Whether a value that `wanted` accepts was tested since the lock was taken, or since the entry where it is a
  /// caller's.
  bool isTestedSince(const State &state, llvm::function_ref<bool(const Binding &)> wanted) const;

  bool isConditional(const State &state) const;

  /// Who set a bit in an object, or a field that says in which context the object is used, is rarely in sight.
  bool isFlagDecided(const State &state) const;

  /// A bit of a parameter: who calls a handler with flags (`gfp_t`) knows where it is.
  bool isArgumentTested(const State &state) const;

  /// `areFlagsInSight`: what the function tests of bits in objects is not doubtful.
  Doubts doubtsOf(const State &state, bool areFlagsInSight) const;
  bool givesUp(const Body &body, std::uint32_t event, const Summary &callee) const;
  bool isArgumentConstant(std::uint32_t event, const SleepContract &contract) const;

  bool isOfAnotherModule(FunctionId callee) const;
  bool isTooConditional(const SleepSite &site) const;
  bool passesFlags(const Body &body, const SleepSite &site) const;

  void onCall(const Body &body, const Evaluator &evaluator,
              std::uint32_t index, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes);

  llvm::SmallVector<CallTarget, 2> targetsOf(const Evaluator &evaluator, std::uint32_t index,
                                             const State &state) const;

  /// An array of functions or of tables: code that walks it calls every one.
  static bool areOfOneObject(llvm::ArrayRef<CallTarget> targets);

  void onMacro(std::uint32_t index, const BodyEvent &event,
               const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes);

  bool isForbiddenHere(const SleepContract &contract, const Delta &held) const;

  void onTarget(const Body &body, const Evaluator &evaluator,
                std::uint32_t index, const CallTarget &target, std::size_t targetCount, bool allSleep,
                const State &state);

  std::vector<ParameterCall> synchronousCallbacks(FunctionId callee) const;

  void onContract(std::uint32_t index, FunctionId callee,
                  llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator, const State &state,
                  Confidence confidence);

  /// A header's function is told with its caller: the place to blame is there, once for each caller.
  bool isSameModule(FunctionId a, FunctionId b) const;

  /// Enters the callee when something in it can sleep here; at a module's border the site is the call itself.
  void onBody(const Body &body, const Evaluator &evaluator,
              std::uint32_t index, FunctionId callee, const State &state, Confidence confidence, Hop hop);

  bool bindsFunction(const Summary &summary, llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator,
                     const State &state) const;

  /// What is known here of fields that decide about sleeps in the callee.
  FieldFacts fieldsFor(const Summary &summary, const State &state) const;

  /// What the call says about the terms that the callee's guards ask about.
  std::vector<Binding> bindingsFor(const Summary &summary, llvm::ArrayRef<Operand> arguments,
                                   const Evaluator &evaluator, const State &state) const;

  /// Whether the path assumes a flag in some object that only other modules ever set: objects of this root's module
  /// then do not have it. What code outside the analysed units sets is not seen, so this lowers confidence only.
  bool needsUnsetFlag(const State &state) const;

  /// Whether some field must hold what no code stores there.
  bool needsUnknownValue(const FieldFacts &facts) const;

  /// Some third module sets it: the flag is how modules differ.
  bool isSetElsewhere(FieldKey field, std::uint64_t bits, NameId module, NameId own) const;

  static std::uint32_t blockOf(const Body &body, std::uint32_t event);

  /// `if (c) spin_lock(); else mutex_lock();` in a loop: they meet only when c changes from one round to the next.
  static bool areArmsOfOneBranch(const Body &body, std::uint32_t a, std::uint32_t b);

  /// `if (o->is_atomic) spin_lock(); else mutex_lock();`: the other arm takes a lock that doesn't sleep.
  bool isLockChosen(const Body &body, std::uint32_t event) const;

  /// Whether `to` can be reached from `from` without going through `around`.
  static bool reaches(const Body &body, std::uint32_t from, std::uint32_t to, std::uint32_t around);

  /// How certain it is that the event really takes something: that of its contract.
  Confidence lockConfidence(std::uint32_t holder, std::uint32_t event) const;

  void addSite(std::uint32_t event, FunctionId callee,
               std::uint32_t contract, std::uint32_t entry, SleepKind kind, const State &state, Confidence confidence,
               bool isForbidden, bool isConditionAssumed);

  const Program &program;
  const RuleSet &rules;
  const CallResolver &resolver;
  const Summaries &summaries;
  TermTable &terms;
  const ContextMap &map;
  const FieldSet &contractedFields;
  OutlineTable &outlines;
  const std::uint32_t id;
  const ContextNode &node;
  std::vector<Binding> knownAtEntry;
  const SleepEntry *wanted = nullptr;                 ///< the entry at hand
  bool isReferenceGivenUp = node.givesUpReference;    ///< at the call at hand
  llvm::DenseMap<std::uint32_t, unsigned> reachedHow; ///< event -> bit 0: atomic, bit 1: not
};

} // namespace bhlint
