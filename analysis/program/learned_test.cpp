#include "analysis/program/callers.h"
#include "analysis/program/field_domains.h"
#include "analysis/program/learned.h"
#include "analysis/program/test_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const char declarations[] = "struct core { int mode; spinlock_t lock; };\n"
                            "void core_wait(void);\n"
                            "void *core_get(unsigned gfp);\n"
                            "void core_maybe(struct core *c);\n"
                            "void core_lock(struct core *c);\n"
                            "void core_unlock(struct core *c);\n"
                            "int core_trylock(struct core *c);\n"
                            "void core_each(void (*visit)(void *));\n"
                            "void core_quiet(void);\n"
                            "static spinlock_t lock;\n";

const char coreCode[] = "static void deep(void) { msleep(1); }\n"
                        "void core_wait(void) { deep(); }\n"
                        "void *core_get(unsigned gfp) { return kmalloc(8, gfp); }\n"
                        "void core_maybe(struct core *c) { if (c->mode) msleep(1); }\n"
                        "void core_lock(struct core *c) { spin_lock(&c->lock); }\n"
                        "void core_unlock(struct core *c) { spin_unlock(&c->lock); }\n"
                        "int core_trylock(struct core *c) { if (!spin_trylock(&c->lock)) return -1; return 0; }\n"
                        "void core_each(void (*visit)(void *)) { spin_lock(&lock); visit(0); spin_unlock(&lock); }\n"
                        "void core_quiet(void) { }\n"
                        "void core_private(void) { msleep(1); }\n";

const char driverCode[] =
    "void waits(void) { spin_lock(&lock); core_wait(); spin_unlock(&lock); }\n"
    "void gets(void) { spin_lock(&lock); core_get(GFP_KERNEL); core_get(GFP_ATOMIC); spin_unlock(&lock); }\n"
    "void locks(struct core *c) { core_lock(c); msleep(1); core_unlock(c); msleep(2); }\n"
    "void tries(struct core *c) { if (core_trylock(c)) { msleep(1); return; } msleep(2); core_unlock(c); }\n"
    "static void visit(void *p) { msleep(3); }\n"
    "void visits(void) { core_each(visit); core_quiet(); }\n"
    "void off(struct core *c) { c->mode = 0; spin_lock(&lock); core_maybe(c); spin_unlock(&lock); }\n"
    "void on(struct core *c) { c->mode = 1; spin_lock(&lock); core_maybe(c); spin_unlock(&lock); }\n";

TestUnit::Source core() { return {"core/core.c", "core", std::string(declarations) + coreCode}; }
TestUnit::Source driver() { return {"drivers/driver.c", "driver", std::string(declarations) + driverCode}; }

std::string learnedText() {
  auto whole = TestUnit::withUnits({core(), driver()});
  std::string text;
  llvm::raw_string_ostream out(text);
  writeLearned(whole->program, whole->summaries, {"bhlint test", "6.12.0", "a \"quoted\" config", 2, 0}, out);
  return text;
}

LearnedContracts learned() {
  llvm::Expected<LearnedContracts> result = readLearned(learnedText(), "learned.json");
  if (result)
    return std::move(*result);
  ADD_FAILURE() << llvm::toString(result.takeError());
  return {};
}

struct Told {
  std::string function, callee;
  std::uint32_t line;
  Confidence confidence;
  friend bool operator==(const Told &a, const Told &b) {
    return std::tie(a.function, a.callee, a.line) == std::tie(b.function, b.callee, b.line);
  }
  friend std::ostream &operator<<(std::ostream &out, const Told &told) {
    return out << told.function << " calls " << told.callee << " in line " << told.line;
  }
};

/// Sites in the driver's functions.
std::vector<Told> sitesOf(const TestUnit &unit) {
  std::vector<Told> result;
  for (const SleepSite &site : unit.contexts.sites) {
    const Function &function = unit.program.functions[unit.nodeOf(site).function];
    if (unit.program.text(function.file) == "drivers/driver.c")
      result.push_back({unit.program.text(function.name).str(), unit.calleeOf(site),
                        unit.program.bodyOf(unit.nodeOf(site).function)->events[site.event].place.line,
                        site.confidence});
  }
  std::sort(result.begin(), result.end(), [](const Told &a, const Told &b) {
    return std::tie(a.line, a.callee, a.function) < std::tie(b.line, b.callee, b.function);
  });
  return result;
}

TEST(Learned, OneFolderSaysWhatTheWholeTreeSays) {
  LearnedContracts contracts = learned();
  auto whole = TestUnit::withUnits({core(), driver()});
  auto part = TestUnit::withUnits({driver()}, &contracts);
  std::vector<Told> told = sitesOf(*part), all = sitesOf(*whole);
  EXPECT_EQ(told, all);
  EXPECT_THAT(told, SizeIs(6));
  // What was learned is as certain as what was read: it counts its conditions too.
  for (std::size_t i = 0; i < std::min(told.size(), all.size()); ++i)
    EXPECT_EQ(told[i].confidence, all[i].confidence) << told[i];
  EXPECT_THAT(told, ::testing::Contains(::testing::Field(&Told::confidence, Confidence::High)));
  auto alone = TestUnit::withUnits({driver()});
  EXPECT_THAT(sitesOf(*alone), IsEmpty()); // all of it is what was learned
}

TEST(Learned, HoldsOnlyWhatIsCalledFromElsewhereAndSaysSomething) {
  LearnedContracts contracts = learned();
  EXPECT_TRUE(contracts.byName.contains("core_wait"));
  EXPECT_FALSE(contracts.byName.contains("core_private"));
  EXPECT_FALSE(contracts.byName.contains("core_quiet"));
  EXPECT_FALSE(contracts.byName.contains("deep")); // a step of core_wait()'s chain, not to be called by name
  EXPECT_THAT(learnedText(), HasSubstr("\"deep\""));
  EXPECT_EQ(contracts.provenance.kernel, "6.12.0");
  EXPECT_EQ(contracts.provenance.config, "a \"quoted\" config");
}

TEST(Learned, GoesAfterABodyAndAfterARow) {
  LearnedContracts contracts = learned();
  TestUnit::Source quiet{"core/other.c", "core", std::string(declarations) + "void core_wait(void) { }\n"};
  auto unit = TestUnit::withUnits({quiet, driver()}, &contracts);
  for (const Told &told : sitesOf(*unit))
    EXPECT_NE(told.callee, "core_wait");
}

TEST(Learned, WhatAllCallersSayIsKnownOfOneFolder) {
  const TestUnit::Source elsewhere{"core/calls.c", "core",
                                   "void same(int a); void varies(int a); void moved(int a); void start_scheduler(void) { }\n"
                                   "void boot_kernel(void) { start_scheduler(); }\n"
                                   "static void live(void) { same(3); varies(1); moved(4); }\n"
                                   "void (*pointer)(void) = live;\n"};
  const std::string code = "void same(int a) { msleep(a); }\nvoid varies(int a) { msleep(a); }\n"
                           "void unused(int a) { msleep(a); }\nvoid found(void) { }\nvoid moved(int a) { msleep(a); }\n";
  auto whole = TestUnit::withUnits({elsewhere, {"drivers/a.c", "a", code + "void other(void) { varies(2); }\n"
                                                                          "void (*also)(void) = other;\n"}});
  ASSERT_TRUE(whole->program.isWholeKernel);
  std::string text;
  llvm::raw_string_ostream out(text);
  writeLearned(whole->program, whole->summaries, {"bhlint test", "6.12.0", "", 2, 0}, out);
  llvm::Expected<LearnedContracts> contracts = readLearned(text, "learned.json");
  ASSERT_TRUE(static_cast<bool>(contracts)) << llvm::toString(contracts.takeError());

  // A call of found() has come since, and one of moved() with another argument.
  auto part = TestUnit::withUnits({{"drivers/a.c", "a", code + "static void caller(void) { found(); moved(5); }\n"
                                                                "void (*also)(void) = caller;\n"}},
                                  &*contracts);
  auto functionOf = [&](const char *name) { return part->program.named(name).front(); };
  auto constantIn = [&](const char *name) { return constantsOf(part->program, functionOf(name)); };
  ASSERT_THAT(constantIn("same"), SizeIs(1));
  EXPECT_EQ(constantIn("same")[0].value, 3u);
  EXPECT_THAT(constantIn("varies"), IsEmpty());
  EXPECT_THAT(constantIn("moved"), IsEmpty());
  EXPECT_TRUE(part->program.functions[functionOf("unused")].isUnreached);
  EXPECT_FALSE(part->program.functions[functionOf("same")].isUnreached);
  EXPECT_FALSE(part->program.functions[functionOf("found")].isUnreached);
}

TEST(Learned, WhatAllCodeStoresIsKnownOfOneFolder) {
  const std::string code =
      "struct dev { int kind, mode, sort, flags; };\nstatic spinlock_t lock;\n"
      "static void check(struct dev *d) { d->kind = 5; d->mode = 5; spin_lock(&lock); if (d->sort == 6) msleep(1);\n"
      "  if (d->kind == 6) msleep(2); spin_unlock(&lock); }\n"
      "void (*checks)(struct dev *) = check;\n";
  const TestUnit::Source elsewhere{
      "core/set.c", "core",
      "struct dev { int kind, mode, sort, flags; };\nvoid start_scheduler(void) { }\n"
      "void boot_kernel(void) { start_scheduler(); }\n"
      "static void set(struct dev *d) { d->kind = 7; d->mode = 7; d->sort = 8; d->flags |= 4; }\n"
      "void (*pointer)(struct dev *) = set;\n"};
  auto whole = TestUnit::withUnits({elsewhere, {"drivers/a.c", "a", code}});
  std::string text;
  llvm::raw_string_ostream out(text);
  writeLearned(whole->program, whole->summaries, {"bhlint test", "6.12.0", "", 2, 0}, out);
  llvm::Expected<LearnedContracts> contracts = readLearned(text, "learned.json");
  ASSERT_TRUE(static_cast<bool>(contracts)) << llvm::toString(contracts.takeError());

  // Since then `mode` is also given something unknown, and `sort` one more value.
  auto part = TestUnit::withUnits(
      {{"drivers/a.c", "a",
        code + "static void later(struct dev *d, int n) { d->mode = n; d->sort = 9; d->flags |= 8;\n"
               "  if (d->mode) msleep(3); }\n"
               "void (*also)(struct dev *, int) = later;\n"}},
      &*contracts);
  auto fieldOf = [&](const char *field) {
    return domainOf(part->program, {part->program.find("dev"), part->program.find(field)});
  };
  ASSERT_NE(fieldOf("kind"), nullptr);
  EXPECT_THAT(fieldOf("kind")->values, ElementsAre(5, 7));
  EXPECT_EQ(fieldOf("mode"), nullptr);
  ASSERT_NE(fieldOf("sort"), nullptr);
  EXPECT_THAT(fieldOf("sort")->values, ElementsAre(8, 9));
  ASSERT_NE(fieldOf("flags"), nullptr);
  EXPECT_EQ(fieldOf("flags")->bits, 12u);
  EXPECT_THAT(fieldOf("flags")->values, IsEmpty());
  auto alone = TestUnit::withUnits({{"drivers/a.c", "a", code}});
  EXPECT_TRUE(alone->program.fieldDomains.empty());
}

TEST(Learned, BadFilesAreToldWhereAndWhat) {
  auto messageOf = [](const std::string &text) {
    llvm::Expected<LearnedContracts> result = readLearned(text, "rules/kernel/6.12/learned.json");
    return result ? std::string() : llvm::toString(result.takeError());
  };
  EXPECT_THAT(messageOf("nonsense"), HasSubstr("rules/kernel/6.12/learned.json: error: this is no file"));
  EXPECT_THAT(messageOf("\x1f\x8b damaged"), HasSubstr("rules/kernel/6.12/learned.json: error: this is no file"));
  EXPECT_THAT(messageOf("{}"), HasSubstr("another format"));
  EXPECT_THAT(messageOf("{\"format\":2}"), HasSubstr("'functions' is missing"));
  EXPECT_THAT(messageOf("{\"format\":2,\"functions\":[3]}"), HasSubstr("function 1 is not an object"));
  EXPECT_THAT(messageOf("{\"format\":2,\"functions\":[{\"name\":\"f\",\"sleeps\":[{\"to\":7}]}],\"callers\":[]}"),
              HasSubstr("a chain of f() leads nowhere"));
  EXPECT_THAT(messageOf("{\"format\":2,\"functions\":[{\"name\":\"f\",\"visible\":true,\"sleeps\":[7]}],\"callers\":[]}"),
              IsEmpty());
  EXPECT_THAT(messageOf("{\"format\":2,\"functions\":[]}"), IsEmpty());
  EXPECT_THAT(messageOf("{\"format\":2,\"functions\":[],\"callers\":[[\"f\",\"f.c\",true,[]],[\"g\"]]}"),
              HasSubstr("what calls of function 2 say is not understood"));
  EXPECT_THAT(messageOf("{\"format\":2,\"functions\":[],\"fields\":[[\"r\",\"f\",1,[1]],[\"r\",\"f\",1,[-1]]]}"),
              HasSubstr("what is stored in field 2 is not understood"));
}

} // namespace
} // namespace bhlint
