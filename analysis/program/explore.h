// Exploration of the paths of one function body. Shared by summaries (relative states) and contexts (absolute ones).
//
// States that agree in everything that can still matter are visited once. When a block collects too many, those with
// equal lock state are joined: precision is lost about values, never about locks.
#pragma once

#include "analysis/program/outline.h"
#include "analysis/program/state.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace bhlint {

/// Bound to the value that the function returns, once it is known.
inline constexpr Term returnTerm{facts::ValueKind::CallResult, 0x3ffffff};

/// One way in which a call can come back.
struct CallOutcome {
  Delta delta;
  bool isAbsolute = false; ///< delta replaces the state's (floors already applied)
  Expression result;       ///< in the caller's terms; unknown = nothing known
  Knowledge resultKnowledge;
  std::vector<std::pair<Expression, Knowledge>> assumed; ///< holds on this outcome
  Doubts doubts = noDoubt;                               ///< what becomes less certain by it
  bool endsPath = false;
};

class Exploration {
public:
  using OnCall = llvm::function_ref<void(std::uint32_t event, const State &, llvm::SmallVectorImpl<CallOutcome> &)>;
  using OnReturn = llvm::function_ref<void(const State &)>;

  Exploration(const Program &program, const Body &body, const BodyOutline &outline, const Evaluator &evaluator)
      : program(program), body(body), outline(outline), evaluator(evaluator) {}

  /// Calls `onCall` for every Call and Macro event in every state that can reach it, and `onReturn` for every end.
  void run(State entry, OnCall onCall, OnReturn onReturn);

  static constexpr unsigned mostStatesPerBlock = 12;
  static constexpr unsigned mostVisits = 20000;     ///< per function; then states are joined at once
  static constexpr unsigned mostStatesInBlock = 48; ///< between two events of one block

private:
  using States = llvm::SmallVector<State, 4>; ///< of one place; there is mostly one
  struct Item {
    std::uint32_t block;
    State state;
  };
  void enter(std::uint32_t block, State state);
  void runBlock(std::uint32_t block, State state, OnCall onCall, OnReturn onReturn);
  void applyEvent(std::uint32_t event, States &states, OnCall onCall);
  void assign(State &state, Term term, const Operand &value);
  void keepAnswers(State &state) const;
  void retire(State &state, std::uint32_t path) const;
  void leave(std::uint32_t block, State &&state, OnReturn onReturn);
  bool isLastReference(const EdgeGuard &guard, const State &state) const;
  void prune(std::uint32_t block, State &state) const;
  static State join(const State &a, const State &b);
  static void limit(States &states);

  const Program &program;
  const Body &body;
  const BodyOutline &outline;
  const Evaluator &evaluator;
  std::vector<std::vector<State>> seen;
  std::vector<Item> worklist;
  unsigned visits = 0;
};

} // namespace bhlint
