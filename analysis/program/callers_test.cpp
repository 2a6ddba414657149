#include "analysis/program/callers.h"
#include "analysis/program/field_domains.h"
#include "analysis/program/test_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

/// What boots it makes a program a whole kernel.
const std::string boot = "void boot_kernel(void) { }\n";

/// By parameter.
std::map<std::uint32_t, std::uint32_t> constantsIn(const TestUnit &unit, const char *function) {
  std::map<std::uint32_t, std::uint32_t> constants;
  for (const ParameterConstant &constant : constantsOf(unit.program, unit.id(function)))
    constants[constant.parameter] = constant.value;
  return constants;
}

bool isUnreached(const TestUnit &unit, const char *function) {
  return unit.program.functions[unit.id(function)].isUnreached;
}

const FieldDomain *fieldOf(const TestUnit &unit, const char *record, const char *field) {
  return domainOf(unit.program, {unit.program.find(record), unit.program.find(field)});
}

TEST(Callers, AParameterIsConstantWhenAllCallersSayTheSame) {
  auto unit = TestUnit::withCode("static void same(int a, int b, int c) { msleep(a + b + c); }\n"
                                 "void one(int n) { same(3, n, 0); }\n"
                                 "void two(int n) { same(3, 4, 1); }\n");
  EXPECT_THAT(constantsIn(*unit, "same"), ElementsAre(Pair(0u, 3u)));
}

TEST(Callers, ConstantsArePassedOnAlsoThroughRecursion) {
  auto unit = TestUnit::withCode("static void inner(int a, int b) { msleep(a + b); }\n"
                                 "static void again(int n, int a, int b) { inner(a, b); if (n) again(n - 1, a, n); }\n"
                                 "void outer(int n) { again(n, 7, 7); }\n");
  EXPECT_THAT(constantsIn(*unit, "again"), ElementsAre(Pair(1u, 7u)));
  EXPECT_THAT(constantsIn(*unit, "inner"), ElementsAre(Pair(0u, 7u)));
}

TEST(Callers, WhoseAddressIsTakenMayBeCalledWithAnything) {
  auto unit = TestUnit::withCode("static void same(int a) { msleep(a); }\n"
                                 "void (*pointer)(int) = same;\n"
                                 "void one(void) { same(3); }\n");
  EXPECT_THAT(constantsIn(*unit, "same"), IsEmpty());
}

TEST(Callers, ExternalFunctionsAreClosedOnlyInAWholeKernel) {
  const std::string code = "void same(int a) { msleep(a); }\n"
                           "static void one(void) { same(3); }\n"
                           "void (*pointer)(void) = one;\n"
                           "void unused(void) { }\n";
  auto part = TestUnit::withCode(code);
  EXPECT_THAT(constantsIn(*part, "same"), IsEmpty());
  EXPECT_FALSE(isUnreached(*part, "unused"));
  auto bootOnly =
      TestUnit::withCode(code + "void scheduler_init(void);\nvoid boot_kernel(void) { scheduler_init(); }\n");
  EXPECT_FALSE(isUnreached(*bootOnly, "unused"));
  auto whole = TestUnit::withCode(code + boot);
  EXPECT_THAT(constantsIn(*whole, "same"), ElementsAre(Pair(0u, 3u)));
  EXPECT_TRUE(isUnreached(*whole, "unused"));
  EXPECT_FALSE(isUnreached(*whole, "same"));
}

TEST(Callers, WhatOnlyUnreachedFunctionsCallIsUnreached) {
  auto unit = TestUnit::withCode("static void leaf(int a) { msleep(a); }\n"
                                 "static void shared(int a) { msleep(a); }\n"
                                 "void dead(void) { leaf(1); shared(1); }\n"
                                 "static void live(void) { shared(2); }\n"
                                 "void (*pointer)(void) = live;\n" +
                                 boot);
  EXPECT_TRUE(isUnreached(*unit, "dead"));
  EXPECT_TRUE(isUnreached(*unit, "leaf"));
  EXPECT_FALSE(isUnreached(*unit, "shared"));
  EXPECT_THAT(constantsIn(*unit, "shared"), ElementsAre(Pair(0u, 2u))); // what dead() passes does not count
}

TEST(Callers, AGuardThatAllCallersDecideIsDecided) {
  auto unit =
      TestUnit::withCode("static spinlock_t lock;\n"
                         "static void never(int *p) { spin_lock(&lock); if (p) msleep(1); spin_unlock(&lock); }\n"
                         "static void once(int *p) { spin_lock(&lock); if (p) msleep(1); spin_unlock(&lock); }\n"
                         "void caller(int *p) { never(0); never(0); once(0); once(p); }\n");
  EXPECT_THAT(unit->sitesIn("never"), IsEmpty());
  EXPECT_THAT(unit->sitesIn("once"), SizeIs(1));
  EXPECT_FALSE(unit->summaryOf("never").sleepsUnderOwnLock);
}

TEST(Callers, ALockOfWhatNothingCallsIsNotCertain) {
  auto unit = TestUnit::withCode("static spinlock_t lock;\n"
                                 "void dead(void) { spin_lock(&lock); msleep(1); spin_unlock(&lock); }\n"
                                 "static void live(void) { spin_lock(&lock); msleep(1); spin_unlock(&lock); }\n"
                                 "void (*pointer)(void) = live;\n" +
                                 boot);
  EXPECT_EQ(unit->confidenceIn("dead"), Confidence::Medium);
  EXPECT_EQ(unit->confidenceIn("live"), Confidence::High);
}

TEST(FieldDomains, AreTheConstantsThatAreStored) {
  auto unit = TestUnit::withCode(
      "struct dev { int kind, flags, asked, seen, zero; };\n"
      "void fill(int *p);\n"
      "static void set(struct dev *d, int kind) { d->kind = kind; d->flags = 1; d->flags |= 4; }\n"
      "void use(struct dev *d, int n) { set(d, 2); d->kind = 5; d->asked = 1; d->seen = n; d->seen = 1;\n"
      "  d->zero = 0; fill(&d->asked); }\n"
      "void (*pointer)(struct dev *, int) = use;\n" +
      boot);
  const FieldDomain *kind = fieldOf(*unit, "dev", "kind");
  ASSERT_NE(kind, nullptr);
  EXPECT_THAT(kind->values, ElementsAre(2, 5));
  const FieldDomain *flags = fieldOf(*unit, "dev", "flags");
  ASSERT_NE(flags, nullptr);
  EXPECT_EQ(flags->bits, 5u);
  EXPECT_THAT(flags->values, IsEmpty());              // 1, 4 and 5
  EXPECT_EQ(fieldOf(*unit, "dev", "asked"), nullptr); // its address is given away
  EXPECT_EQ(fieldOf(*unit, "dev", "seen"), nullptr);
  EXPECT_EQ(fieldOf(*unit, "dev", "zero"), nullptr);
}

TEST(FieldDomains, AFieldThatIsReadUntestedMayHaveBeenGivenAnything) {
  // Facts keep neither of the two stores of something unknown.
  auto unit = TestUnit::withCode("struct dev { int state, mode, level; };\n"
                                 "void other(struct dev *d, struct dev *e) { d->mode = 2; d->level = 2; }\n"
                                 "void modify(struct dev *d, struct dev *e, int n) { d->mode = n + e->level;\n"
                                 "  d->state = 1; msleep(d->state); d->state = e->mode * n; }\n" +
                                 boot);
  EXPECT_EQ(fieldOf(*unit, "dev", "state"), nullptr);
  EXPECT_EQ(fieldOf(*unit, "dev", "mode"), nullptr);
  EXPECT_NE(fieldOf(*unit, "dev", "level"), nullptr);
}

TEST(FieldDomains, NeedTheWholeKernelAndObjectsThatAreNotOnTheStack) {
  const std::string code = "struct dev { int kind; };\nvoid add(struct dev *d);\n"
                           "void use(struct dev *d) { d->kind = 5; }\n";
  EXPECT_EQ(fieldOf(*TestUnit::withCode(code), "dev", "kind"), nullptr);
  EXPECT_NE(fieldOf(*TestUnit::withCode(code + boot), "dev", "kind"), nullptr);
  auto onStack = TestUnit::withCode(code + boot + "void probe(void) { struct dev d = { .kind = 6 }; add(&d); }\n");
  EXPECT_EQ(fieldOf(*onStack, "dev", "kind"), nullptr);
}

TEST(FieldDomains, AdmitWhatSomeStoreMakesOrZero) {
  FieldDomain values{{}, 0x87, {0x80, 0x87}}, bits{{}, 0x6, {}};
  EXPECT_TRUE(admits(values, Knowledge::exactly(0)));
  EXPECT_TRUE(admits(values, Knowledge::exactly(0x87)));
  EXPECT_FALSE(admits(values, Knowledge::exactly(0x7)));
  EXPECT_FALSE(admits(values, {.zeros = 0x80, .ones = 0, .isNonZero = true}));
  EXPECT_TRUE(admits(bits, {.zeros = 0x2, .ones = 0x4, .isNonZero = true}));
  EXPECT_FALSE(admits(bits, {.zeros = 0, .ones = 0x1, .isNonZero = true}));
}

TEST(FieldDomains, ASleepThatNeedsAnotherValueIsNotCertain) {
  auto unit = TestUnit::withCode(
      "struct dev { int kind, sort; };\nstatic spinlock_t lock;\n"
      "static void rest(void) { msleep(1); }\n"
      "static void work(struct dev *d) { d->kind = 5; d->sort = 5; spin_lock(&lock);\n"
      "  if (d->kind == 6) rest();\n  if (d->sort == 5) msleep(2);\n  spin_unlock(&lock); }\n"
      "static void check(struct dev *d) { spin_lock(&lock); if (d->kind == 6) rest(); spin_unlock(&lock); }\n"
      "void (*first)(struct dev *) = work, (*second)(struct dev *) = check;\n" +
      boot);
  ASSERT_THAT(unit->sitesIn("rest"), SizeIs(1)); // from check(); work() knows that it is 5
  EXPECT_TRUE(unit->sitesIn("rest")[0].isValueNeverStored);
  EXPECT_EQ(unit->sitesIn("rest")[0].confidence, Confidence::Medium);
  EXPECT_EQ(unit->confidenceIn("work"), Confidence::High);
}

} // namespace
} // namespace bhlint
