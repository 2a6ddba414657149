#include "analysis/facts/dump.h"

#include "analysis/facts/random_facts.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <random>

namespace bhlint::facts {
namespace {

/// Builds facts by name, so that the golden below can be compared with the code it stands for.
class UnitBuilder {
public:
  StringId string(const std::string &text) {
    auto it = std::find(unit.strings.begin(), unit.strings.end(), text);
    if (it != unit.strings.end())
      return static_cast<StringId>(it - unit.strings.begin());
    unit.strings.push_back(text);
    return static_cast<StringId>(unit.strings.size() - 1);
  }
  SymbolIndex function(const std::string &name, const std::string &file = "") {
    unit.symbols.push_back({string(name), string(file), true, false});
    return static_cast<SymbolIndex>(unit.symbols.size() - 1);
  }
  Location at(std::uint32_t line, std::uint32_t column) { return {string("bar.c"), line, column}; }

  UnitFacts unit;
};

Value value(ValueKind kind, std::uint32_t index, std::uint64_t mask = ~0ull, std::uint64_t bits = 0) {
  Value value;
  value.kind = kind;
  value.index = index;
  value.mask = mask;
  value.bits = bits;
  return value;
}

Event call(SymbolIndex callee, Location location, std::vector<Value> arguments) {
  Event event;
  event.location = location;
  event.index = callee;
  event.arguments = std::move(arguments);
  return event;
}

Event simple(EventKind kind, Location location, std::uint32_t index, Value value) {
  Event event;
  event.kind = kind;
  event.location = location;
  event.index = index;
  event.value = value;
  return event;
}

/// static int bar_get(struct bar *b, gfp_t gfp)
/// {
///   void *p;
///   spin_lock(&b->lock);
///   if (!(gfp & 0x400) || in_interrupt()) p = b->ops->get(gfp | 0x10); else p = kmalloc(8, gfp & 0xff);
///   guard(mutex)(&b->mutex);
///   b->fallback = bar_get;
///   return -1;
/// }
UnitFacts example() {
  UnitBuilder b;
  UnitFacts &u = b.unit;
  u.mainFile = b.string("bar.c");
  u.module = b.string("bar\n\"x\"");
  SymbolIndex get = b.function("bar_get", "bar.c"), lock = b.function("spin_lock"), kmalloc = b.function("kmalloc");
  SymbolIndex unlock = b.function("mutex_unlock"), ops = b.function("bar_ops");
  u.symbols[ops].isFunction = false;
  u.symbols[unlock].isNoReturn = true;
  FunctionFacts f;
  f.symbol = get;
  f.location = b.at(10, 12);
  f.endLine = 19;
  f.parameters = {b.string("b"), b.string("gfp")};
  f.parameterRecords = {b.string("bar"), 0};
  f.locals = {b.string("p"), 0};
  StringId bar = b.string("bar"), barOps = b.string("bar_ops");
  f.paths = {
      {RootKind::Parameter, 0, bar, {{bar, b.string("lock")}}, b.string("b->lock")},
      {RootKind::Parameter, 0, bar, {{bar, b.string("ops")}, {barOps, b.string("get")}}, b.string("b->ops->get")},
      {RootKind::Unknown, 0, bar, {{bar, b.string("fallback")}}, b.string("x[1]->fallback")},
  };
  Value notGet = value(ValueKind::CallResult, 2);
  notGet.isNegated = true;
  Value path0 = value(ValueKind::Address, 0);
  f.events.push_back(simple(EventKind::Macro, b.at(13, 3), 0, {}));
  f.events.back().macro = b.string("spin_lock_nested");
  f.events.push_back(call(lock, b.at(13, 3), {path0, value(ValueKind::Constant, 0, ~0ull, 16)}));
  f.events.back().macro = b.string("spin_lock_nested");
  f.events.back().expansion = 0;
  f.events.push_back(call(1, b.at(14, 40), {value(ValueKind::Parameter, 1, ~0ull, 0x10)}));
  f.events.back().call = CallKind::Field;
  f.events.push_back(simple(EventKind::Assign, b.at(14, 40), 0, notGet));
  f.events.push_back(
      call(kmalloc, b.at(14, 70), {value(ValueKind::Constant, 0, ~0ull, 8), value(ValueKind::Parameter, 1, 0xff, 0)}));
  f.events.push_back(simple(EventKind::Store, b.at(16, 3), 2, value(ValueKind::Function, get)));
  f.events.push_back(call(unlock, {b.string("bar.h"), 3, 1}, {value(ValueKind::Load, 1)}));
  f.events.back().call = CallKind::Cleanup;
  f.events.push_back(simple(EventKind::Return, b.at(17, 3), 0, value(ValueKind::Constant, 0, ~0ull, ~0ull)));
  Guard mayBlock{value(ValueKind::Parameter, 1), Relation::AnyBit, 0x400};
  Guard notBlock{value(ValueKind::Parameter, 1), Relation::NoBit, 0x400};
  Guard inIrq{value(ValueKind::ContextTest, b.string("in_interrupt")), Relation::NotEqual, 0};
  Guard notIrq{value(ValueKind::ContextTest, b.string("in_interrupt")), Relation::Equal, 0};
  f.blocks = {{0, 2, {{1, {notBlock}, {}}, {1, {mayBlock, inIrq}, {{1, {}}}}, {2, {mayBlock, notIrq}, {}}}},
              {2, 2, {{3, {}, {}}}},
              {4, 1, {{3, {{value(ValueKind::Opaque, 7), Relation::AnyBit, ~0ull}}, {}}}},
              {5, 3, {}}};
  u.functions.push_back(f);
  FunctionFacts inHeader;
  inHeader.symbol = b.function("a_first", "bar.h");
  inHeader.location = {b.string("bar.h"), 1, 2};
  inHeader.isInHeader = inHeader.isInline = inHeader.isInit = inHeader.isExit = inHeader.isTruncated = true;
  inHeader.blocks.resize(1);
  u.functions.push_back(inHeader);
  u.initializers = {
      {ops, barOps, {{barOps, b.string("get")}}, value(ValueKind::Function, get), b.at(30, 4)},
      {ops, barOps, {{barOps, b.string("flags")}}, value(ValueKind::Constant, 0, ~0ull, 32), b.at(29, 4)}};
  u.suppressions = {{b.at(12, 1), b.string("bhlint: allow(x) \"why\"")}};
  return u;
}

TEST(Dump, ShowsEverything) {
  EXPECT_EQ(dump(example()), R"(unit bar.c module "bar\0A\22x\22"
suppression bar.c:12:1 "bhlint: allow(x) \22why\22"
symbol function a_first@bar.h
symbol function bar_get@bar.c
symbol function kmalloc
symbol function mutex_unlock noreturn
symbol function spin_lock
symbol object bar_ops
initializer bar.c:29:4 bar_ops(bar_ops)->bar_ops.flags = 0x20
initializer bar.c:30:4 bar_ops(bar_ops)->bar_ops.get = &bar_get@bar.c

function a_first@bar.h bar.h:1:2 to 0 inline header init exit truncated
  block 0

function bar_get@bar.c bar.c:10:12 to 19
  p0 b: bar
  p1 gfp
  l0 p
  l1
  path p0->bar.lock of bar "b->lock"
  path p0->bar.ops->bar_ops.get of bar "b->ops->get"
  path ?(bar)->bar.fallback "x[1]->fallback"
  block 0
    e0 13:3 macro spin_lock_nested
    e1 13:3 call spin_lock(&p0->bar.lock, 0x10) via spin_lock_nested in e0
    -> 1 if !(p1 & 0x400)
    -> 1 if p1 & 0x400 && in_interrupt() != 0; l1 := ?
    -> 2 if p1 & 0x400 && in_interrupt() == 0
  block 1
    e2 14:40 call through p0->bar.ops->bar_ops.get((p1 | 0x10))
    e3 14:40 l0 := !e2
    -> 3
  block 2
    e4 14:70 call kmalloc(8, (p1 & 0xff))
    -> 3 if ?7
  block 3
    e5 16:3 ?(bar)->bar.fallback := &bar_get@bar.c
    e6 bar.h:3:1 cleanup mutex_unlock(p0->bar.ops->bar_ops.get)
    e7 17:3 return 0xffffffffffffffff
)");
}

TEST(Dump, OrderOfListsDoesNotShow) {
  UnitFacts unit = example();
  std::string before = dump(unit);
  std::reverse(unit.functions.begin(), unit.functions.end());
  std::reverse(unit.initializers.begin(), unit.initializers.end());
  EXPECT_EQ(dump(unit), before);
}

/// The dump is for facts that are wrong, too.
TEST(Dump, SurvivesIndicesOutOfRange) {
  UnitFacts unit = example();
  FunctionFacts &f = unit.functions[0];
  f.symbol = 99;
  f.locals.clear();
  f.parameterRecords.clear();
  f.paths[0].index = 5;
  f.events[0].macro = 999;
  f.events[1].expansion = 77;
  f.blocks[3].eventCount = none;
  f.blocks[1].edges[0].to = 44;
  unit.suppressions[0].text = 1000;
  std::string text = dump(unit);
  for (const char *expected :
       {"function <bad 99> ", "<bad 1000>", "-> <bad 44>", " in <bad 77>", "<bad 0> := !e2", "&<bad 5>->bar.lock",
        "macro <bad 999>", "events 5 and 4294967295 more <bad 4294967300>"})
    EXPECT_NE(text.find(expected), std::string::npos) << expected << " in\n" << text;
}

TEST(Dump, SurvivesAnyIndices) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    UnitFacts unit = randomFacts(round, 3);
    unit.strings.resize(1);
    unit.symbols.resize(random() % 2);
    for (FunctionFacts &f : unit.functions) {
      f.events.resize(random() % (f.events.size() + 1));
      f.paths.resize(random() % (f.paths.size() + 1));
      f.blocks.resize(random() % (f.blocks.size() + 1));
    }
    EXPECT_NE(dump(unit).find("<bad"), std::string::npos);
  }
}

} // namespace
} // namespace bhlint::facts
