#include "analysis/program/explore.h"

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

// Paths --------------------------------------------------------------------------------------------------------------

void Exploration::run(State entry, OnCall onCall, OnReturn onReturn) {
  seen.assign(body.blocks.size(), {});
  worklist.clear();
  visits = 0;
  if (body.blocks.empty())
    return;
  enter(0, std::move(entry));
  while (!worklist.empty()) {
    Item item = std::move(worklist.back());
    worklist.pop_back();
    ++visits;
    runBlock(item.block, std::move(item.state), onCall, onReturn);
  }
}

void Exploration::prune(std::uint32_t block, State &state) const {
  llvm::SmallVector<Term, 8> needed;
  for (const Binding &binding : state.bindings)
    if (binding.alias.isKnown() && outline.isLive(block, binding.term))
      needed.push_back(binding.alias.term);
  std::erase_if(state.bindings, [&](const Binding &binding) {
    if (outline.isLive(block, binding.term))
      return binding.knowledge.isEmpty() && !binding.alias.isKnown();
    return std::find(needed.begin(), needed.end(), binding.term) == needed.end();
  });
}

/// What holds in both; the lock state and the doubts are `a`'s.
State Exploration::join(const State &a, const State &b) {
  State joined = a;
  std::erase_if(joined.bindings, [&](Binding &binding) {
    const Binding *other = b.find(binding.term);
    if (!other)
      return true;
    if (other->alias != binding.alias)
      binding.alias = {};
    binding.knowledge = binding.knowledge | other->knowledge;
    return binding.knowledge.isEmpty() && !binding.alias.isKnown();
  });
  return joined;
}

/// A row of calls with several outcomes each would multiply states without end.
void Exploration::limit(States &states) {
  if (states.size() < 2)
    return;
  States kept;
  bool isTooMany = states.size() > mostStatesInBlock;
  for (State &state : states) {
    auto same = std::find_if(kept.begin(), kept.end(), [&](const State &other) {
      return isTooMany ? other.delta == state.delta : other.sameAs(state);
    });
    if (same == kept.end())
      kept.push_back(std::move(state));
    else if (isTooMany)
      *same = join(*same, state);
  }
  states = std::move(kept);
}

void Exploration::enter(std::uint32_t block, State state) {
  block = outline.passOn(block);
  prune(block, state);
  std::vector<State> &known = seen[block];
  for (const State &other : known)
    if (other.sameAs(state))
      return;
  unsigned limit = visits > mostVisits ? 1 : mostStatesPerBlock;
  if (known.size() >= limit) {
    for (State &other : known) {
      if (other.delta != state.delta)
        continue;
      State joined = join(other, state);
      if (joined.sameAs(other))
        return;
      other = joined;
      worklist.push_back({block, std::move(joined)});
      return;
    }
    if (known.size() >= 4 * mostStatesPerBlock)
      return; // more lock states than code can mean; what is known stands
  }
  known.push_back(state);
  worklist.push_back({block, std::move(state)});
}

void Exploration::runBlock(std::uint32_t index, State state, OnCall onCall, OnReturn onReturn) {
  const BodyBlock &block = body.blocks[index];
  States states;
  states.push_back(std::move(state));
  for (std::uint32_t e = block.firstEvent; e < block.firstEvent + block.eventCount && !states.empty(); ++e) {
    const BodyEvent &event = body.events[e];
    if (!outline.isNeeded(e))
      continue;
    if (event.kind == EventKind::Return) {
      // Cleanups may follow in the same block; the value is fixed here.
      for (State &each : states) {
        each.forget(returnTerm);
        Expression value = evaluator.resolve(evaluator.expressionOf(event.value), each);
        Binding &binding = each.at(returnTerm);
        binding.alias = value;
        binding.knowledge = evaluator.evaluate(value, each);
      }
      continue;
    }
    applyEvent(e, states, onCall);
  }
  for (State &each : states)
    leave(index, std::move(each), onReturn);
}

static bool isMore(const Delta &a, const Delta &b) {
  return a.preempt > b.preempt || a.bottomHalf > b.bottomHalf || a.irq > b.irq || a.rcu > b.rcu;
}

/// Whether a field of some object decides in the callee whether the lock is taken, and nothing is known of it here.
static bool isLockConditional(const CallOutcome &outcome, llvm::ArrayRef<CallOutcome> all) {
  auto isField = [](const auto &assumed) { return assumed.first.term.kind == ValueKind::Load; };
  return llvm::any_of(outcome.assumed, isField) && llvm::any_of(all, [&](const CallOutcome &other) {
           return !other.endsPath && isMore(outcome.delta, other.delta) &&
                  !outcome.resultKnowledge.contradicts(other.resultKnowledge);
         });
}

void Exploration::applyEvent(std::uint32_t index, States &states, OnCall onCall) {
  const BodyEvent &event = body.events[index];
  switch (event.kind) {
  case EventKind::Assign:
    for (State &state : states)
      assign(state, {ValueKind::Local, event.index}, event.value);
    return;
  case EventKind::Store:
    for (State &state : states) {
      Term term{ValueKind::Load, evaluator.pathTerm(event.index)};
      retire(state, event.index);
      if (event.value.valueKind() == ValueKind::Opaque)
        state.forget(term);
      else
        assign(state, term, event.value);
    }
    return;
  case EventKind::Call:
  case EventKind::Macro:
    break;
  default:
    return;
  }
  States next;
  llvm::SmallVector<CallOutcome, 4> outcomes;
  for (State &state : states) {
    Term result{ValueKind::CallResult, index};
    if (event.kind == EventKind::Call) {
      // In a loop the result is a new one; who remembers the old one keeps what was known about it.
      for (Binding &binding : state.bindings)
        if (binding.alias.term == result && !binding.isLazy) {
          binding.knowledge = binding.knowledge & evaluator.evaluate(binding.alias, state);
          binding.alias = {};
        }
      state.forget(result);
    }
    outcomes.clear();
    onCall(index, state, outcomes);
    if (outcomes.empty()) {
      next.push_back(std::move(state));
      continue;
    }
    const Delta deltaBefore = state.delta;
    const Doubts doubtsBefore = state.doubts;
    const std::uint32_t acquiredBefore = state.acquiredAt;
    for (const CallOutcome &outcome : outcomes) {
      if (outcome.endsPath)
        continue;
      State after = &outcome == &outcomes.back() ? std::move(state) : state;
      bool isPossible = true;
      for (const auto &[expression, knowledge] : outcome.assumed)
        isPossible = isPossible && evaluator.assume(expression, knowledge, after);
      if (!isPossible)
        continue;
      bool wasAtomic = after.delta.isAtomic();
      keepAnswers(after);
      after.delta = outcome.isAbsolute ? outcome.delta : after.delta + outcome.delta;
      // The same code takes again what it still holds: not a path that runs, but one round of a loop whose release was
      // not understood.
      if (wasAtomic && acquiredBefore == index && isMore(after.delta, deltaBefore))
        continue;
      if (isMore(after.delta, deltaBefore))
        after.doubts = static_cast<Doubts>((wasAtomic ? doubtsBefore : noDoubt) |
                                           (isLockConditional(outcome, outcomes) ? doubtConditionalLock : noDoubt));
      after.doubts |= outcome.doubts;
      if (!after.delta.isAtomic()) {
        after.acquiredAt = noId;
        after.acquiredWith.reset();
      } else if (!wasAtomic) {
        after.acquiredAt = index;
        after.acquiredWith = std::make_shared<const std::vector<Binding>>(after.bindings);
      }
      if (outline.isResultUsed(index) && (outcome.result.isKnown() || !outcome.resultKnowledge.isEmpty())) {
        Binding &binding = after.at(result);
        binding.knowledge = outcome.resultKnowledge;
        if (outcome.result.term.kind != ValueKind::ContextTest || binding.knowledge.isEmpty())
          binding.alias = outcome.result;
      }
      next.push_back(std::move(after));
    }
  }
  limit(next);
  states = std::move(next);
}

/// `in = in_softirq(); spin_lock_bh(); if (in)`: what a test has answered outlives a change of what it asks about.
void Exploration::keepAnswers(State &state) const {
  for (Binding &binding : state.bindings) {
    if (binding.alias.term.kind != ValueKind::ContextTest || binding.isLazy)
      continue;
    Knowledge answer = evaluator.evaluate(binding.alias, state);
    if (answer.isEmpty())
      continue;
    binding.knowledge = binding.knowledge & answer;
    binding.alias = {};
  }
}

/// `was = p->on; p->on = 0; if (was)`: what is known of the old value, and who remembers it, outlives the store.
void Exploration::retire(State &state, std::uint32_t path) const {
  Term term{ValueKind::Load, evaluator.pathTerm(path)};
  if (!outline.isStoredOnce(path))
    return;
  const Binding *known = state.find(term);
  bool isRemembered = std::any_of(state.bindings.begin(), state.bindings.end(), [&](const Binding &binding) {
    return binding.alias.term == term && !binding.isLazy && binding.term != term;
  });
  if (!isRemembered || (known && known->alias.isKnown()))
    return;
  Term old{ValueKind::Load, evaluator.terms.withAge(term.index, true)};
  Knowledge knowledge = known ? known->knowledge : Knowledge{};
  for (Binding &binding : state.bindings)
    if (binding.alias.term == term && !binding.isLazy)
      binding.alias.term = old;
  if (!knowledge.isEmpty())
    state.at(old).knowledge = knowledge;
}

void Exploration::assign(State &state, Term term, const Operand &value) {
  Expression expression = evaluator.resolve(evaluator.expressionOf(value), state);
  for (Binding &binding : state.bindings)
    if (binding.alias.term == term && !binding.isLazy && binding.term != term) {
      binding.knowledge = binding.knowledge & evaluator.evaluate(binding.alias, state);
      binding.alias = {};
    }
  Knowledge knowledge = evaluator.evaluate(expression, state);
  state.forget(term);
  if (!expression.isKnown() && knowledge.isEmpty())
    return;
  Binding &binding = state.at(term);
  if (expression.term == term) { // x |= FLAG, x unknown
    binding.knowledge = knowledge;
    return;
  }
  if (expression.term.kind == ValueKind::Constant)
    binding.knowledge = knowledge;
  else
    binding.alias = expression;
}

/// Whether the edge is taken only when a call dropped the last reference. `state` already knows that it is taken.
bool Exploration::isLastReference(const EdgeGuard &guard, const State &state) const {
  Expression value = evaluator.resolve(evaluator.expressionOf(guard.value), state);
  if (value.term.kind != ValueKind::CallResult || value.term.index >= body.events.size())
    return false;
  const BodyEvent &call = body.events[value.term.index];
  return call.kind == EventKind::Call && call.call == facts::CallKind::Direct &&
         program.functions[call.index].isLastReference && !evaluator.evaluate({value.term}, state).isZero();
}

void Exploration::leave(std::uint32_t index, State &&state, OnReturn onReturn) {
  std::uint32_t meet = outline.skipTo(index);
  if (body.blocks[index].edges.empty() || meet == BodyOutline::toReturn) {
    onReturn(state);
    return;
  }
  if (meet != noId) {
    enter(meet, std::move(state));
    return;
  }
  llvm::ArrayRef<BodyEdge> edges = body.blocks[index].edges;
  for (const BodyEdge &edge : edges) {
    if (!edge.guards.empty())
      if (std::optional<bool> known = evaluator.holds(edge.guards.front(), state); known && !*known)
        continue; // before a copy is made for it
    State next = &edge == &edges.back() ? std::move(state) : state;
    bool isPossible = true;
    for (const EdgeGuard &guard : edge.guards) {
      std::optional<bool> known = evaluator.holds(guard, next);
      if ((known && !*known) || (!known && !evaluator.assume(guard, next))) {
        isPossible = false;
        break;
      }
    }
    if (!isPossible)
      continue;
    if (outline.tellsLastReference() &&
        llvm::any_of(edge.guards, [&](const EdgeGuard &guard) { return isLastReference(guard, next); }))
      next.doubts |= doubtLastReference;
    for (const EdgeAssignment &assign : edge.assigns) {
      Term term{ValueKind::Local, assign.local};
      next.forget(term);
      Expression expression = evaluator.expressionOf(assign.value);
      if (!expression.isKnown())
        continue;
      Binding &binding = next.at(term);
      if (expression.term.kind == ValueKind::Constant)
        binding.knowledge = evaluator.evaluate(expression, next);
      else {
        binding.alias = expression;
        binding.isLazy = true;
      }
    }
    enter(edge.to, std::move(next));
  }
}

} // namespace bhlint
