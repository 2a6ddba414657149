#include "analysis/facts/validate.h"

#include "analysis/facts/random_facts.h"

#include "gtest/gtest.h"

#include <functional>

using namespace llvm;

namespace bhlint::facts {
namespace {

/// A unit in which everything exists once, at index 0, so that every index 1 is out of range (strings: 2).
UnitFacts smallUnit() {
  UnitFacts unit;
  unit.strings = {"", "f"};
  unit.symbols = {{1, 0, true, false}};
  FunctionFacts function;
  function.parameters = {1};
  function.parameterRecords = {0};
  function.locals = {1};
  function.paths = {{RootKind::Parameter, 0, 0, {{1, 1}}, 1}};
  Event macro;
  macro.kind = EventKind::Macro;
  function.events = {macro};
  Edge edge;
  edge.guards.resize(1);
  edge.assigns = {{0, Value()}};
  function.blocks = {{0, 1, {edge}}};
  unit.functions = {function};
  unit.initializers.resize(1);
  unit.initializers[0].value.kind = ValueKind::Function;
  return unit;
}

std::string problem(const std::function<void(UnitFacts &, FunctionFacts &)> &change) {
  UnitFacts unit = smallUnit();
  change(unit, unit.functions[0]);
  return toString(validate(unit));
}

TEST(Validate, AcceptsWhatIsInRange) {
  EXPECT_EQ(toString(validate(smallUnit())), "");
  EXPECT_EQ(toString(validate(UnitFacts())), "");
}

TEST(Validate, StringZeroIsEmpty) {
  EXPECT_EQ(problem([](auto &u, auto &) { u.strings[0].push_back('x'); }), "string 0 is not the empty string");
  EXPECT_EQ(problem([](auto &u, auto &) { u.strings.clear(); }), "string 0 is not the empty string");
}

TEST(Validate, UnitLists) {
  EXPECT_NE(problem([](auto &u, auto &) { u.mainFile = 2; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.module = 2; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.symbols[0].name = 2; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.symbols[0].file = 2; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.suppressions = {{{2, 0, 0}, 0}}; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.suppressions = {{{0, 0, 0}, 2}}; }), "");
}

TEST(Validate, Initializers) {
  EXPECT_NE(problem([](auto &u, auto &) { u.initializers[0].object = 1; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.initializers[0].objectRecord = 2; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.initializers[0].fields = {{0, 2}}; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.initializers[0].value.index = 1; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.initializers[0].value.kind = ValueKind::Parameter; }), "");
  EXPECT_NE(problem([](auto &u, auto &) { u.initializers[0].location.file = 2; }), "");
}

TEST(Validate, FunctionNames) {
  EXPECT_EQ(problem([](auto &, auto &f) { f.symbol = 1; }), "function 0: the function's symbol is out of range");
  EXPECT_NE(problem([](auto &, auto &f) { f.location.file = 2; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.parameters = {2}; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.parameterRecords = {2}; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.locals = {2}; }), "");
  EXPECT_EQ(problem([](auto &, auto &f) { f.parameterRecords.clear(); }),
            "function 0: parameters and their records differ in number");
}

TEST(Validate, Paths) {
  for (RootKind root : {RootKind::Parameter, RootKind::Local, RootKind::Global, RootKind::CallResult})
    EXPECT_NE(problem([&](auto &, auto &f) { f.paths[0].root = root, f.paths[0].index = 1; }), "");
  EXPECT_EQ(problem([](auto &, auto &f) { f.paths[0].root = RootKind::Unknown, f.paths[0].index = 9; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.paths[0].rootRecord = 2; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.paths[0].text = 2; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.paths[0].fields[0].record = 2; }), "");
}

TEST(Validate, ValuesEverywhere) {
  for (ValueKind kind : {ValueKind::Parameter, ValueKind::Local, ValueKind::CallResult, ValueKind::Function,
                         ValueKind::Address, ValueKind::Load, ValueKind::ContextTest}) {
    Value inside, outside;
    inside.kind = outside.kind = kind;
    outside.index = kind == ValueKind::ContextTest ? 2 : 1;
    EXPECT_NE(problem([&](auto &, auto &f) { f.events[0].value = outside; }), "");
    EXPECT_NE(problem([&](auto &, auto &f) { f.events[0].arguments = {outside}; }), "");
    EXPECT_NE(problem([&](auto &, auto &f) { f.blocks[0].edges[0].guards[0].value = outside; }), "");
    EXPECT_NE(problem([&](auto &, auto &f) { f.blocks[0].edges[0].assigns[0].value = outside; }), "");
    EXPECT_EQ(problem([&](auto &, auto &f) { f.events[0].value = inside; }), "");
  }
}

TEST(Validate, Events) {
  for (EventKind kind : {EventKind::Call, EventKind::Assign, EventKind::Store})
    EXPECT_NE(problem([&](auto &, auto &f) { f.events[0].kind = kind, f.events[0].index = 1; }), "");
  for (CallKind call : {CallKind::Field, CallKind::Cleanup})
    EXPECT_NE(problem([&](auto &, auto &f) {
                f.events[0].kind = EventKind::Call, f.events[0].call = call, f.events[0].index = 1;
              }),
              "");
  EXPECT_NE(problem([](auto &, auto &f) { f.events[0].location.file = 2; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.events[0].macro = 2; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.events[0].expansion = 1; }), "");
}

TEST(Validate, ExpansionsEnd) {
  EXPECT_EQ(problem([](auto &, auto &f) { f.events[0].expansion = 0; }), "function 0: a macro event encloses itself");
  EXPECT_EQ(problem([](auto &, auto &f) {
              f.events.resize(3, f.events[0]);
              f.events[0].expansion = 2, f.events[2].expansion = 1, f.events[1].expansion = 0;
            }),
            "function 0: a macro event encloses itself");
  EXPECT_EQ(problem([](auto &, auto &f) {
              f.events.resize(3, f.events[0]);
              f.events[0].expansion = 2, f.events[1].expansion = 2;
            }),
            "");
}

TEST(Validate, Blocks) {
  EXPECT_EQ(problem([](auto &, auto &f) { f.blocks.clear(); }), "function 0: there is no entry block");
  EXPECT_NE(problem([](auto &, auto &f) { f.blocks[0].firstEvent = 1; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.blocks[0].firstEvent = none; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.blocks[0].edges[0].to = 1; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.blocks[0].edges[0].assigns[0].local = 1; }), "");
  EXPECT_NE(problem([](auto &, auto &f) { f.blocks[0].edges[0].assigns[0].local = none; }), "");
}

} // namespace
} // namespace bhlint::facts
