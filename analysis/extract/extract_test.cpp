#include "analysis/extract/extract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace bhlint {
namespace {

using namespace facts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr std::uint64_t all = ~0ull, signBit = 1ull << 63;

ExtractRequest requestFor(const std::string &file) {
  ExtractRequest request;
  request.directory = request.treeRoot = "/tree";
  request.file = file;
  request.arguments = {"clang", "--target=x86_64-linux-gnu", "-nostdinc", "-std=gnu11"};
  return request;
}

llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem> treeWith(const std::string &file, const std::string &code) {
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  files->addFile("/tree/" + file, 0, llvm::MemoryBuffer::getMemBufferCopy(code));
  files->setCurrentWorkingDirectory("/tree");
  return files;
}

/// The facts of one file, driver.c.
struct Unit {
  explicit Unit(const std::string &code) : Unit(code, requestFor("driver.c")) {}
  Unit(const std::string &code, const ExtractRequest &request)
      : facts(extractUnit(request, treeWith("driver.c", code)).facts) {}

  const FunctionFacts &function(std::string_view name) const {
    for (const FunctionFacts &candidate : facts.functions)
      if (nameOf(candidate.symbol) == name)
        return candidate;
    ADD_FAILURE() << "no function " << name;
    static const FunctionFacts missing;
    return missing;
  }
  std::string nameOf(SymbolIndex symbol) const { return std::string(facts.text(facts.symbols[symbol].name)); }
  std::string text(StringId id) const { return std::string(facts.text(id)); }

  /// Callees of every way through the function, in the order in which they are called. Loops are taken once.
  std::vector<std::string> waysThrough(std::string_view name) const {
    std::vector<std::string> ways;
    std::vector<bool> onWay(function(name).blocks.size(), false);
    walk(function(name), 0, "", onWay, ways);
    std::sort(ways.begin(), ways.end());
    ways.erase(std::unique(ways.begin(), ways.end()), ways.end());
    return ways;
  }

  const Event &onlyCall(std::string_view name, std::string_view callee) const {
    const Event *found = nullptr;
    for (const Event &event : function(name).events)
      if (isCallOf(event, callee)) {
        EXPECT_EQ(found, nullptr) << "two calls of " << callee;
        found = &event;
      }
    static const Event missing;
    EXPECT_NE(found, nullptr) << "no call of " << callee;
    return found ? *found : missing;
  }
  /// Guards of the one edge into the block that calls `callee`.
  std::vector<Guard> guardsOf(std::string_view name, std::string_view callee) const {
    const FunctionFacts &body = function(name);
    std::vector<Guard> guards;
    for (const Block &from : body.blocks)
      for (const Edge &edge : from.edges) {
        const Block &to = body.blocks[edge.to];
        for (EventIndex e = to.firstEvent; e < to.firstEvent + to.eventCount; ++e)
          if (isCallOf(body.events[e], callee))
            guards.insert(guards.end(), edge.guards.begin(), edge.guards.end());
      }
    return guards;
  }
  Value returned(std::string_view name) const {
    for (const Event &event : function(name).events)
      if (event.kind == EventKind::Return)
        return event.value;
    ADD_FAILURE() << name << " returns nothing";
    return {};
  }

  const UnitFacts facts;

private:
  bool isCallOf(const Event &event, std::string_view callee) const {
    return event.kind == EventKind::Call && (event.call == CallKind::Direct || event.call == CallKind::Cleanup) &&
           nameOf(event.index) == callee;
  }
  void walk(const FunctionFacts &body, BlockIndex at, std::string way, std::vector<bool> &onWay,
            std::vector<std::string> &ways) const {
    if (onWay[at])
      return;
    onWay[at] = true;
    const Block &block = body.blocks[at];
    for (EventIndex e = block.firstEvent; e < block.firstEvent + block.eventCount; ++e)
      if (body.events[e].kind == EventKind::Call)
        way += (way.empty() ? "" : " ") + nameOf(body.events[e].index);
    if (block.edges.empty())
      ways.push_back(way);
    for (const Edge &edge : block.edges)
      walk(body, edge.to, way, onWay, ways);
    onWay[at] = false;
  }
};

Value constantValue(std::uint64_t bits) { return {.kind = ValueKind::Constant, .mask = 0, .bits = bits}; }
Value parameter(std::uint32_t index) { return {.kind = ValueKind::Parameter, .index = index}; }

const std::string calls = "void a(void); void b(void); void c(void); void use(int);\n";

// Cleanup ------------------------------------------------------------------------------------------------------------

const std::string scoped = calls + "int take(void); void drop(int *);\n"
                                   "#define HELD int held __attribute__((cleanup(drop))) = take()\n";

TEST(Extract, AnIncludedSourceIsTheUnitsOwn) {
  auto files = treeWith("driver.c", "#include \"part.c\"\n#include \"driver.h\"\nvoid own(void) { used(); }\n");
  files->addFile("/tree/part.c", 0,
                 llvm::MemoryBuffer::getMemBuffer("static void handler(void) { }\nvoid (*table)(void) = handler;\n"));
  files->addFile("/tree/driver.h", 0,
                 llvm::MemoryBuffer::getMemBuffer("static inline void used(void) { }\nstatic inline void unused(void) { }\n"));
  const UnitFacts facts = extractUnit(requestFor("driver.c"), files).facts;
  std::vector<std::string> found;
  for (const FunctionFacts &function : facts.functions)
    found.push_back(std::string(facts.text(facts.symbols[function.symbol].name)) + " in " +
                    std::string(facts.text(function.location.file)) + (function.isInHeader ? ", a header" : ""));
  EXPECT_THAT(found, UnorderedElementsAre("own in driver.c", "handler in part.c", "used in driver.h, a header"));
  EXPECT_THAT(facts.initializers, SizeIs(1));
}

TEST(Cleanup, RunsOnEveryWayOutOfTheScope) {
  Unit unit(scoped + "int f(int x) { HELD; a(); if (x) return 1; b(); return 0; }\n"
                     "void g(void) { { HELD; a(); } b(); }\n"
                     "void loop(int x) { while (x) { HELD; a(); if (x) break; b(); } c(); }\n");
  EXPECT_THAT(unit.waysThrough("f"), ElementsAre("take a b drop", "take a drop"));
  EXPECT_THAT(unit.waysThrough("g"), ElementsAre("take a drop b"));
  EXPECT_THAT(unit.waysThrough("loop"), ElementsAre("c", "take a drop c"));
}

TEST(Cleanup, RunsInReverseOrderOfDeclaration) {
  Unit unit("void first(int *); void second(int *); void a(void);\n"
            "void f(void) {\n"
            "  int x __attribute__((cleanup(first))) = 0; int y __attribute__((cleanup(second))) = 0; a(); }\n");
  EXPECT_THAT(unit.waysThrough("f"), ElementsAre("a second first"));
}

TEST(Cleanup, IsGivenTheVariablesAddress) {
  Unit unit(scoped + "void f(void) { HELD; }\n");
  const Event &event = unit.onlyCall("f", "drop");
  EXPECT_EQ(event.call, CallKind::Cleanup);
  ASSERT_THAT(event.arguments, SizeIs(1));
  ASSERT_EQ(event.arguments[0].kind, ValueKind::Address);
  const AccessPath &path = unit.function("f").paths[event.arguments[0].index];
  EXPECT_EQ(path.root, RootKind::Local);
  EXPECT_EQ(unit.text(unit.function("f").locals[path.index]), "held");
}

// Macros -------------------------------------------------------------------------------------------------------------

TEST(Macros, EventsCarryTheExpansionThatTheyAreIn) {
  Unit unit(calls + "#define INNER() a()\n"
                    "#define OUTER(x) do { INNER(); x; b(); } while (0)\n"
                    "void f(void) {\n"
                    "  OUTER(c());\n" // line 5
                    "  use(1);\n"
                    "}\n");
  const FunctionFacts &f = unit.function("f");
  const Event &inner = unit.onlyCall("f", "a"), &outer = unit.onlyCall("f", "b");
  ASSERT_NE(inner.expansion, none);
  ASSERT_NE(outer.expansion, none);
  const Event &innerMacro = f.events[inner.expansion], &outerMacro = f.events[outer.expansion];
  EXPECT_EQ(innerMacro.kind, EventKind::Macro);
  EXPECT_EQ(unit.text(innerMacro.macro), "INNER");
  EXPECT_EQ(innerMacro.expansion, outer.expansion);
  EXPECT_EQ(unit.text(outerMacro.macro), "OUTER");
  EXPECT_EQ(outerMacro.expansion, none);
  for (const Event *event : {&inner, &outer}) {
    EXPECT_EQ(unit.text(event->macro), "OUTER");
    EXPECT_EQ(event->location.line, 5u);
    EXPECT_EQ(event->location.column, 3u);
  }
  // An argument is written outside of the macro; what follows it is not in it either.
  EXPECT_EQ(unit.onlyCall("f", "c").expansion, none);
  EXPECT_EQ(unit.onlyCall("f", "use").expansion, none);
  EXPECT_EQ(unit.onlyCall("f", "use").macro, 0u);
}

TEST(Macros, TwoUsesAreTwoExpansions) {
  Unit unit(calls + "#define M() a()\nvoid f(void) { M(); M(); }\n");
  std::vector<EventIndex> expansions;
  for (const Event &event : unit.function("f").events)
    if (event.kind == EventKind::Call)
      expansions.push_back(event.expansion);
  ASSERT_THAT(expansions, SizeIs(2));
  EXPECT_NE(expansions[0], expansions[1]);
}

const std::string test = calls + "extern int count;\n#define in_x() (count & 0xff)\n";

TEST(Macros, WholeMacroWithoutArgumentsIsAContextTest) {
  Unit unit(test + "int f(void) { return in_x(); }\n"
                   "int negated(void) { return !in_x(); }\n"
                   "void branch(void) { if (in_x()) a(); else b(); }\n");
  EXPECT_EQ(unit.returned("f").kind, ValueKind::ContextTest);
  EXPECT_EQ(unit.text(unit.returned("f").index), "in_x");
  EXPECT_FALSE(unit.returned("f").isNegated);
  EXPECT_EQ(unit.returned("negated").kind, ValueKind::ContextTest);
  EXPECT_TRUE(unit.returned("negated").isNegated);
  Value inX = unit.returned("f");
  EXPECT_THAT(unit.guardsOf("branch", "a"), ElementsAre(facts::Guard{inX, Relation::AnyBit, all}));
  EXPECT_THAT(unit.guardsOf("branch", "b"), ElementsAre(facts::Guard{inX, Relation::NoBit, all}));
}

TEST(Macros, WhatOnlyContainsAMacroIsNoContextTest) {
  Unit unit(test + "#define with(x) (count & (x))\n#define one() 1\n"
                   "int choice(int p, int q) { return in_x() ? p : q; }\n"
                   "int other(int p) { return in_x() + p; }\n"
                   "int argument(void) { return with(8); }\n"
                   "int number(void) { return one(); }\n");
  for (const char *function : {"choice", "other", "argument"})
    EXPECT_NE(unit.returned(function).kind, ValueKind::ContextTest) << function;
  EXPECT_EQ(unit.returned("choice").kind, ValueKind::Local);
  EXPECT_EQ(unit.returned("number"), constantValue(1));
}

// Values and guards --------------------------------------------------------------------------------------------------

TEST(Values, MasksAndNegations) {
  Unit unit("int bit(unsigned flags) { return !!(flags & 0x400); }\n"
            "int noBit(unsigned flags) { return !(flags & 0x400); }\n"
            "unsigned set(unsigned flags) { return flags | 0x100; }\n"
            "unsigned both(unsigned flags) { return (flags & ~0x400u) | 0x20; }\n"
            "int isNull(void *p) { return p == (void *)0; }\n");
  Value bit{.kind = ValueKind::Parameter, .index = 0, .mask = 0x400};
  EXPECT_EQ(unit.returned("bit"), bit);
  bit.isNegated = true;
  EXPECT_EQ(unit.returned("noBit"), bit);
  EXPECT_EQ(unit.returned("set").kind, ValueKind::Parameter);
  EXPECT_EQ(unit.returned("set").bits, 0x100u);
  EXPECT_EQ(unit.returned("set").mask & 0xffffffff, 0xfffffeffu);
  EXPECT_EQ(unit.returned("both").bits, 0x20u);
  EXPECT_EQ(unit.returned("both").mask & 0x420, 0u);
  EXPECT_EQ(unit.returned("isNull"), (Value{.kind = ValueKind::Parameter, .isNegated = true, .index = 0}));
}

TEST(Guards, OfParameters) {
  Unit unit(calls + "void truth(int x) { if (x) a(); else b(); }\n"
                    "void opposite(int x) { if (!x) a(); else b(); }\n"
                    "void equal(int x) { if (x == 3) a(); else b(); }\n"
                    "void sign(int x) { if (x < 0) a(); else b(); }\n"
                    "void flag(unsigned f) { if (f & 4) a(); else b(); }\n"
                    "void expected(unsigned f) { if (__builtin_expect(!!(f & 4), 0)) a(); else b(); }\n");
  auto expect = [&](const char *function, Relation whenTrue, Relation whenFalse, std::uint64_t operand) {
    EXPECT_THAT(unit.guardsOf(function, "a"), ElementsAre(facts::Guard{parameter(0), whenTrue, operand})) << function;
    EXPECT_THAT(unit.guardsOf(function, "b"), ElementsAre(facts::Guard{parameter(0), whenFalse, operand})) << function;
  };
  expect("truth", Relation::AnyBit, Relation::NoBit, all);
  expect("opposite", Relation::NoBit, Relation::AnyBit, all);
  expect("equal", Relation::Equal, Relation::NotEqual, 3);
  expect("sign", Relation::AnyBit, Relation::NoBit, signBit);
  expect("flag", Relation::AnyBit, Relation::NoBit, 4);
  expect("expected", Relation::AnyBit, Relation::NoBit, 4);
}

TEST(Guards, OfFlagsInAnObject) {
  Unit unit(calls + "struct dev { struct { unsigned flags; } state; };\n"
                    "void f(struct dev *d) { if (d->state.flags & 2) a(); }\n");
  std::vector<facts::Guard> guards = unit.guardsOf("f", "a");
  ASSERT_THAT(guards, SizeIs(1));
  EXPECT_EQ(guards[0].relation, Relation::AnyBit);
  EXPECT_EQ(guards[0].operand, 2u);
  ASSERT_EQ(guards[0].value.kind, ValueKind::Load);
  const AccessPath &path = unit.function("f").paths[guards[0].value.index];
  EXPECT_EQ(path.root, RootKind::Parameter);
  EXPECT_EQ(unit.text(path.rootRecord), "dev");
  ASSERT_THAT(path.fields, SizeIs(2));
  EXPECT_EQ(unit.text(path.fields[0].field), "state");
  EXPECT_EQ(unit.text(path.fields[1].field), "flags");
}

TEST(Guards, OfSwitchLabels) {
  Unit unit(calls + "void f(int x) { switch (x) { case 1: a(); break; case 2: b(); break; default: c(); } }\n");
  EXPECT_THAT(unit.guardsOf("f", "a"), ElementsAre(facts::Guard{parameter(0), Relation::Equal, 1}));
  EXPECT_THAT(unit.guardsOf("f", "b"), ElementsAre(facts::Guard{parameter(0), Relation::Equal, 2}));
  EXPECT_THAT(unit.guardsOf("f", "c"), UnorderedElementsAre(facts::Guard{parameter(0), Relation::NotEqual, 1},
                                                            facts::Guard{parameter(0), Relation::NotEqual, 2}));
}

TEST(Guards, ConstantConditionsLeaveOneWay) {
  Unit unit(calls + "void f(void) { if (0) a(); else b(); if (sizeof(int) == 4) c(); }\n");
  EXPECT_THAT(unit.waysThrough("f"), ElementsAre("b c"));
}

TEST(Guards, ConstantsAreComparedAsTheyAreConverted) {
  Unit unit(calls + "void f(void) { if (__builtin_constant_p(1) && (-(unsigned)1 == 1 || -(unsigned)1 == -1)) a(); c(); }\n");
  EXPECT_THAT(unit.waysThrough("f"), ElementsAre("a c"));
}

// Locals -------------------------------------------------------------------------------------------------------------

TEST(Locals, FlagsAreSetByConstantsBehindChecks) {
  Unit unit(calls + "#define PREP(x) ({ _Static_assert(1, \"\"); do { } while (0); (x) << 4; })\n"
                    "void f(void) { unsigned flags = 4; flags |= PREP(3); use(flags); }\n");
  EXPECT_EQ(unit.function("f").events[1].value, (Value{.kind = ValueKind::Local, .mask = ~0x30ull, .bits = 0x30}));
}

TEST(Locals, ReassignedParameterIsALocalThatStartsAsIt) {
  Unit unit(calls + "void f(unsigned flags) { flags |= 2; use(flags); }\n"
                    "void plain(unsigned flags) { use(flags); }\n");
  const FunctionFacts &f = unit.function("f");
  ASSERT_GE(f.events.size(), 3u);
  EXPECT_EQ(f.events[0].kind, EventKind::Assign);
  EXPECT_EQ(f.events[0].value, parameter(0));
  std::uint32_t local = f.events[0].index;
  EXPECT_EQ(unit.text(f.locals[local]), "flags");
  EXPECT_EQ(f.events[1].kind, EventKind::Assign);
  EXPECT_EQ(f.events[1].index, local);
  EXPECT_EQ(f.events[1].value, (Value{.kind = ValueKind::Local, .index = local, .mask = ~2ull, .bits = 2}));
  EXPECT_THAT(unit.onlyCall("f", "use").arguments, ElementsAre(Value{.kind = ValueKind::Local, .index = local}));
  EXPECT_THAT(unit.onlyCall("plain", "use").arguments, ElementsAre(parameter(0)));
}

/// What the edges into a function's entry block's successors set, by the guard that they carry.
void expectChoice(const Unit &unit, const char *function, Value whenTrue, Value whenFalse) {
  Value result = unit.returned(function);
  ASSERT_EQ(result.kind, ValueKind::Local) << function;
  EXPECT_EQ(unit.function(function).locals[result.index], 0u) << "has no name";
  unsigned found = 0;
  for (const Block &block : unit.function(function).blocks)
    for (const Edge &edge : block.edges)
      for (const EdgeAssign &assign : edge.assigns) {
        EXPECT_EQ(assign.local, result.index);
        if (edge.guards.empty()) { // from the last operand, which is asked only where the first did not decide
          EXPECT_EQ(assign.value, parameter(1));
          found |= whenTrue == parameter(1) ? 1 : 2;
          continue;
        }
        ASSERT_THAT(edge.guards, SizeIs(1));
        EXPECT_EQ(edge.guards[0].value, parameter(0));
        bool isTrue = edge.guards[0].relation == Relation::AnyBit;
        EXPECT_EQ(assign.value, isTrue ? whenTrue : whenFalse) << function << (isTrue ? " true" : " false");
        found |= isTrue ? 1 : 2;
      }
  EXPECT_EQ(found, 3u) << function;
}

TEST(Locals, ChoicesAreTakenOnEdges) {
  Unit unit("int choice(int x, int y) { return x ? y : 7; }\n"
            "int conjunction(int x, int y) { return x && y; }\n"
            "int disjunction(int x, int y) { return x || y; }\n");
  expectChoice(unit, "choice", parameter(1), constantValue(7));
  expectChoice(unit, "conjunction", parameter(1), constantValue(0));
  expectChoice(unit, "disjunction", constantValue(1), parameter(1));
}

/// Of each way to the call: the guards on it, in order.
std::vector<std::string> waysTo(const Unit &unit, const char *function, const char *callee) {
  const FunctionFacts &facts = unit.function(function);
  std::vector<std::string> ways;
  std::function<void(BlockIndex, std::string)> walk = [&](BlockIndex at, std::string way) {
    const Block &block = facts.blocks[at];
    for (EventIndex e = block.firstEvent; e < block.firstEvent + block.eventCount; ++e)
      if (facts.events[e].kind == EventKind::Call && unit.text(unit.facts.symbols[facts.events[e].index].name) == callee)
        ways.push_back(way);
    for (const Edge &edge : block.edges) {
      std::string next = way;
      for (const Guard &guard : edge.guards) {
        const char *relations[] = {"&", "!&", "==", "!="};
        next += (next.empty() ? "" : " ") + std::string(guard.value.kind == ValueKind::Local ? "l" : "p") +
                std::to_string(guard.value.index) + relations[static_cast<int>(guard.relation)] +
                (guard.operand == ~0ull ? "" : std::to_string(guard.operand));
      }
      for (const EdgeAssign &assign : edge.assigns)
        next += " l" + std::to_string(assign.local) + ":=" +
                (assign.value.kind == ValueKind::Constant ? std::to_string(assign.value.bits) : "?");
      walk(edge.to, next);
    }
  };
  walk(0, "");
  return ways;
}

TEST(Guards, TheLastOperandOfAConditionIsAComparisonToo) {
  Unit unit("void go(void);\n"
            "void both(int x, int y) { if (x && y == 3) go(); }\n"
            "void either(int x, int y) { if (x == 1 || (y == 3)) go(); }\n");
  EXPECT_THAT(waysTo(unit, "both", "go"), ElementsAre("p0& p1==3"));
  EXPECT_THAT(waysTo(unit, "either", "go"), UnorderedElementsAre("p0==1", "p0!=1 p1==3"));
  for (const char *function : {"both", "either"})
    for (const Block &block : unit.function(function).blocks)
      for (const Edge &edge : block.edges)
        EXPECT_THAT(edge.assigns, IsEmpty()) << function;
}

TEST(Locals, AComparisonInAValueIsTwoWays) {
  Unit unit("void go(void); void note(int);\n"
            "void both(int x, int y) { if (__builtin_expect(!!(x && y == 3), 0)) go(); }\n"
            "void three(int x, int y, int z) { int both = x && y && z == 3; if (both) go(); }\n"
            "void none(int x, int y) { if (!(x || y == 3)) go(); }\n");
  EXPECT_THAT(waysTo(unit, "both", "go"),
              UnorderedElementsAre("p0& p1==3 l0:=1 l0&", "p0& p1!=3 l0:=0 l0&", "p0!& l0:=0 l0&"));
  // The local of the program has the value of the unnamed one.
  EXPECT_THAT(waysTo(unit, "three", "go"),
              UnorderedElementsAre("p0& p1& p2==3 l0:=1 l1&", "p0& p1& p2!=3 l0:=0 l1&", "p0& p1!& l0:=0 l1&", "p0!& l0:=0 l1&"));
  EXPECT_THAT(waysTo(unit, "none", "go"),
              UnorderedElementsAre("p0!& p1==3 l0:=1 l0!&", "p0!& p1!=3 l0:=0 l0!&", "p0& l0:=1 l0!&"));
}

TEST(Locals, AConditionOfPartsChoosesOnEveryEdge) {
  Unit unit("void use(int);\nvoid f(int x, int y) { use(x && y ? 5 : 6); }\n");
  EXPECT_THAT(waysTo(unit, "f", "use"), UnorderedElementsAre("p0& p1& l0:=5", "p0& p1!& l0:=6", "p0!& l0:=6"));
}

TEST(Locals, PointerToAFunctionIsCalledAsAValue) {
  Unit unit("struct ops { void (*go)(int); };\n"
            "void f(void (*fn)(int), struct ops *o) { fn(1); o->go(2); }\n");
  const std::vector<Event> &events = unit.function("f").events;
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].call, CallKind::Value);
  EXPECT_EQ(events[0].value, parameter(0));
  EXPECT_EQ(events[1].call, CallKind::Field);
  const AccessPath &path = unit.function("f").paths[events[1].index];
  ASSERT_THAT(path.fields, SizeIs(1));
  EXPECT_EQ(unit.text(path.fields[0].record), "ops");
  EXPECT_EQ(unit.text(path.fields[0].field), "go");
}

// Units --------------------------------------------------------------------------------------------------------------

TEST(Names, MadeFromACounterDoNotDependOnIt) {
  const std::string code = "#define GLUE_(x, y) x##y\n#define GLUE(x, y) GLUE_(x, y)\n"
                           "#define UNIQUE(x) GLUE(x, __COUNTER__)\n"
                           "int take(void); void drop(int *); void use(int);\n"
                           "#define HELD() int UNIQUE(held) __attribute__((cleanup(drop))) = take()\n"
                           "static void UNIQUE(made)(void) { HELD(); use(1); }\n"
                           "static void UNIQUE(made)(void) { HELD(); HELD(); use(2); }\n";
  Unit one("enum { pad = 7 };\n" + code);
  Unit two("enum { pad = __COUNTER__ + __COUNTER__ * 0 + __COUNTER__ * 0 };\n" + code);
  EXPECT_EQ(one.facts, two.facts);
  EXPECT_EQ(one.onlyCall("made#0", "use").arguments[0], constantValue(1));
  EXPECT_EQ(one.onlyCall("made#1", "use").arguments[0], constantValue(2));
}

TEST(Paths, EndAtACallThatDoesNotReturn) {
  Unit unit(calls + "void stop(void) __attribute__((noreturn));\n"
                    "void f(int x) { if (x) { stop(); } a(); }\n");
  EXPECT_THAT(unit.waysThrough("f"), ElementsAre("a", "stop"));
  EXPECT_TRUE(unit.facts.symbols[unit.onlyCall("f", "stop").index].isNoReturn);
  EXPECT_FALSE(unit.facts.symbols[unit.onlyCall("f", "a").index].isNoReturn);
}

TEST(Initializers, OfOpsTables) {
  Unit unit("struct ops { void (*open)(void); unsigned flags; const struct ops *next; };\n"
            "static void my_open(void) { }\n"
            "static const struct ops last = { .open = my_open };\n"
            "static const struct ops first = { .flags = 3, .next = &last };\n");
  ASSERT_THAT(unit.facts.initializers, SizeIs(3));
  auto field = [&](unsigned i) { return unit.text(unit.facts.initializers[i].fields.back().field); };
  EXPECT_EQ(field(0), "open");
  EXPECT_EQ(unit.facts.initializers[0].value.kind, ValueKind::Function);
  EXPECT_EQ(unit.nameOf(unit.facts.initializers[0].value.index), "my_open");
  EXPECT_EQ(unit.nameOf(unit.facts.initializers[0].object), "last");
  EXPECT_EQ(field(1), "flags");
  EXPECT_EQ(unit.facts.initializers[1].value, constantValue(3));
  EXPECT_EQ(field(2), "next");
  EXPECT_EQ(unit.facts.initializers[2].value.kind, ValueKind::Address);
  EXPECT_EQ(unit.nameOf(unit.facts.initializers[2].value.index), "last");
}

TEST(ExtractUnit, ReadsTheModuleFromTheCommandAndSuppressionsFromComments) {
  ExtractRequest request = requestFor("driver.c");
  EXPECT_TRUE(Unit("int x;").facts.isBuiltIn);
  request.arguments.insert(request.arguments.end(), {"-DMODULE", "-DKBUILD_MODNAME=\"demo\""});
  Unit unit("\n/* bhlint: allow(some-rule) because */ int x;\n/* nothing */", request);
  EXPECT_FALSE(unit.facts.isBuiltIn);
  EXPECT_EQ(unit.text(unit.facts.module), "demo");
  EXPECT_EQ(unit.text(unit.facts.mainFile), "driver.c");
  ASSERT_THAT(unit.facts.suppressions, SizeIs(1));
  EXPECT_EQ(unit.facts.suppressions[0].location.line, 2u);
  EXPECT_THAT(unit.text(unit.facts.suppressions[0].text), HasSubstr("allow(some-rule)"));
}

TEST(ExtractUnit, LocatesTheFirstErrorAndKeepsWhatItUnderstood) {
  ExtractResult result = extractUnit(requestFor("driver.c"), treeWith("driver.c", "void f(void) { }\nint g( { }\n"));
  EXPECT_GT(result.errors, 0u);
  EXPECT_THAT(result.firstError, StartsWith("driver.c:2: "));
  EXPECT_THAT(result.facts.functions, SizeIs(testing::Ge(1u)));
  ExtractResult missing = extractUnit(requestFor("missing.c"), treeWith("driver.c", ""));
  EXPECT_GT(missing.errors, 0u);
  EXPECT_THAT(missing.firstError, HasSubstr("missing.c"));
}

TEST(ExtractConstants, AreThoseThatTheHeadersHave) {
  ExtractRequest request = requestFor("unread.c");
  request.arguments.push_back("-Iinclude");
  auto files = treeWith("include/flags.h", "#define BITS (1u << 10)\nenum { KIND = 5 };\n");
  using Named = std::pair<std::string, std::uint64_t>;
  EXPECT_THAT(extractConstants(request,
                               {{"BITS", "flags.h"}, {"GONE", "flags.h"}, {"KIND", "flags.h"}, {"LOST", "lost.h"}},
                               files),
              ElementsAre(Named{"BITS", 1024}, Named{"KIND", 5}));
}

} // namespace
} // namespace bhlint
