#include "analysis/facts/serialize.h"
#include "analysis/program/link_unit.h"
#include "analysis/program/test_unit.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace bhlint {
namespace {

constexpr const char *twoFunctions = "struct pair { int first, second; };\n"
                                     "static void set(struct pair *pair, int value) { pair->first = value & 6; }\n"
                                     "void run(struct pair *pair) { if (pair->second == 3) set(pair, GFP_KERNEL); }\n";

LinkUnit unitWith(const LinkIndex &index) {
  return {llvm::cantFail(facts::FlatUnit::open(facts::serialize(factsOfCode(twoFunctions)))), index};
}

Program linked(std::vector<LinkUnit> units, LinkIndex &index) {
  std::size_t done = 0;
  auto next = [&]() -> LinkUnit * { return done < units.size() ? &units[done++] : nullptr; };
  return link(next, index, {}, [] { return nullptr; });
}

Program linked(LinkUnit unit, LinkIndex &index) {
  std::vector<LinkUnit> units;
  units.push_back(std::move(unit));
  return linked(std::move(units), index);
}

/// What a call, its argument and the fields around it came to.
std::string textOf(const Program &program) {
  std::string text;
  for (const Function &function : program.functions)
    if (function.body != noId) {
      const Body &body = program.bodies[function.body];
      text += program.text(function.name).str() + ":";
      for (const Path &path : body.paths)
        for (FieldKey field : path.fields)
          text += " " + program.text(field.record).str() + "." + program.text(field.field).str();
      for (const BodyEvent &event : body.events)
        if (event.kind == facts::EventKind::Call)
          text += " " + program.text(program.functions[event.index].name).str() + " " +
                  std::to_string(program.maskBits(body.argumentsOf(event).back()).bits);
      text += "\n";
    }
  return text;
}

TEST(Link, BodiesGetTheProgramsNumbers) {
  const RuleSet rules = smallRules();
  LinkIndex index(rules);
  EXPECT_EQ(textOf(linked(unitWith(index), index)), "set: pair.first\nrun: pair.second set 1216\n");
}

TEST(Link, WhatIsKnownIsNotMadeAgain) {
  const RuleSet rules = smallRules();
  LinkIndex index(rules);
  const LinkUnit first = unitWith(index);
  index.addKnown(first.definitions);
  const LinkUnit again = unitWith(index);
  for (std::size_t i = 0; i < first.definitions.size(); ++i) {
    EXPECT_TRUE(first.bodies->bodyOf(i));
    EXPECT_FALSE(again.bodies->bodyOf(i));
  }
}

/// Units that are made ahead don't know yet what those before them define.
TEST(Link, WhatWasMadeTwiceIsThereOnce) {
  const RuleSet rules = smallRules();
  LinkIndex index(rules);
  const std::string once = textOf(linked(unitWith(index), index));
  LinkIndex other(rules);
  std::vector<LinkUnit> units;
  units.push_back(unitWith(other));
  units.push_back(unitWith(other));
  EXPECT_EQ(textOf(linked(std::move(units), other)), once);
}

/// Two definitions may have the same hash.
TEST(Link, AFunctionThatWasTakenForAnotherHasItsBodyAllTheSame) {
  const RuleSet rules = smallRules();
  LinkIndex index(rules);
  const std::string all = textOf(linked(unitWith(index), index));
  for (std::size_t wrong = 0; wrong < 2; ++wrong) {
    LinkIndex other(rules);
    other.addKnown(unitWith(other).definitions[wrong]);
    EXPECT_EQ(textOf(linked(unitWith(other), other)), all);
  }
}

} // namespace
} // namespace bhlint
