#include "analysis/facts/context.h"

#include <gtest/gtest.h>

#include <set>

namespace bhlint {
namespace {

TEST(Context, EveryNameIsUniqueAndReadsBack) {
  std::set<std::string_view> names;
  std::set<std::string_view> phrases;
  for (unsigned i = 0; i < contextCount; ++i) {
    const auto context = static_cast<Context>(i);
    EXPECT_TRUE(names.insert(contextName(context)).second) << contextName(context);
    EXPECT_TRUE(phrases.insert(contextPhrase(context)).second) << contextPhrase(context);
    EXPECT_EQ(contextFromName(contextName(context)), context);
  }
  EXPECT_EQ(contextName(Context::HardIrq), "hardirq");
  EXPECT_EQ(contextName(Context::Process), "process");
  EXPECT_EQ(contextPhrase(Context::RcuRead), "an RCU read-side section");
}

TEST(Context, UnknownNamesAreRefused) {
  EXPECT_EQ(contextFromName("hard_irq"), std::nullopt);
  EXPECT_EQ(contextFromName(""), std::nullopt);
  EXPECT_EQ(contextFromName("Tasklet"), std::nullopt);
}

TEST(Context, OnlyProcessMaySleep) {
  for (unsigned i = 0; i < contextCount; ++i)
    EXPECT_EQ(maySleep(static_cast<Context>(i)), static_cast<Context>(i) == Context::Process);
}

TEST(Confidence, NamesReadBack) {
  for (Confidence confidence : {Confidence::Low, Confidence::Medium, Confidence::High})
    EXPECT_EQ(confidenceFromName(confidenceName(confidence)), confidence);
  EXPECT_EQ(confidenceFromName("sure"), std::nullopt);
}

} // namespace
} // namespace bhlint
