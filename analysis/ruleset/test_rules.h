// A small set of rules in memory, for tests of what reads them.
#pragma once

#include "analysis/ruleset/profile.h"

#include "llvm/Support/MemoryBuffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace bhlint {

inline constexpr const char *goodRule = R"(id: bh-x
title: Something sleeps
severity: error
kinds: [sleep]
message: "{sink} may sleep, but {function} runs in {context}"
why: because
bad: |
  msleep(1);
good: |
  mdelay(1);
suppress: a comment
source: ["kernel/sched/core.c"]
)";

inline constexpr const char *goodAdvice = R"(about: table
advice:
  - {contexts: [tasklet], kinds: [mutex], use: workqueue, why: it may sleep, claims: [A1]}
  - {use: think, why: there is no other, claims: [A2]}
)";

inline constexpr const char *contractHead = "about: test\ntree: \"6.12\"\n";

/// For gtest: an error is printed as a user sees it.
inline void PrintTo(const RuleError &error, std::ostream *out) { *out << formatRuleError(error); }
class RulesFolder {
public:
  RulesFolder() {
    add("rules/bh-x.yaml", goodRule);
    add("rules/advice.yaml", goodAdvice);
    add("rules/contracts/constants.yaml", std::string(contractHead) +
                                              "direct_reclaim: __GFP_DIRECT_RECLAIM\n"
                                              "constants:\n"
                                              "  - {names: [__GFP_DIRECT_RECLAIM, WQ_BH], header: linux/gfp.h}\n");
  }
  RulesFolder &add(llvm::StringRef path, llvm::StringRef text) {
    files["/" + path.str()] = text.str();
    return *this;
  }
  /// A contract file with the usual head, which takes two lines.
  RulesFolder &contracts(llvm::StringRef text) { return add("rules/contracts/x.yaml", contractHead + text.str()); }
  /// `profile`: of rules/profiles; empty: none.
  LoadResult load(llvm::StringRef profile = {}) {
    auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
    for (const auto &[path, text] : files)
      memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text));
    LoadResult result = loadRuleSet(*memory, "/rules");
    if (!profile.empty())
      applyProfile(*memory, "/rules", profile, result);
    return result;
  }

private:
  std::map<std::string, std::string> files; // a file that is added twice is the second one
};

/// An error at line:column whose message has `text`.
inline testing::Matcher<const RuleError &> errorAt(unsigned line, unsigned column, const std::string &text) {
  return testing::AllOf(
      testing::Field(&RuleError::where, testing::AllOf(testing::Field(&RuleLocation::line, line),
                                                       testing::Field(&RuleLocation::column, column))),
      testing::Field(&RuleError::message, testing::HasSubstr(text)));
}

inline std::vector<RuleError> errorsOf(llvm::StringRef contracts) {
  return RulesFolder().contracts(contracts).load().errors;
}

} // namespace bhlint
