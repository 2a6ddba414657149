// TestUnit: C code in a test, through extraction, linking, summaries and contexts, with a few contracts made in code.
//
// It is not the real rule set and not the real kernel: `prelude` declares just what the contracts of `smallRules()`
// name. To test one more contract, declare its function in the prelude and add its row.
#pragma once

#include "analysis/program/contexts.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bhlint {

/// The bit that makes an allocation sleep, and the flag that makes request_irq()'s handler run in a process.
inline constexpr std::uint64_t testReclaimBit = 0x400, testThreadFlag = 0x2000;

/// Contracts for what the prelude of every test unit declares.
RuleSet smallRules();

/// The facts of driver.c of module "driver", with that prelude. Fails the test when the code does not compile.
facts::UnitFacts factsOfCode(std::string_view code);

class TestUnit {
public:
  struct Source {
    std::string file;   ///< "a.c"
    std::string module; ///< KBUILD_MODNAME
    std::string code;   ///< after the prelude
  };
  /// One unit, driver.c of module "driver". Fails the test when the code does not compile.
  static std::unique_ptr<TestUnit> withCode(std::string_view code) {
    return std::unique_ptr<TestUnit>(new TestUnit({{"driver.c", "driver", std::string(code)}}));
  }
  static std::unique_ptr<TestUnit> withUnits(const std::vector<Source> &sources,
                                             const LearnedContracts *learned = nullptr) {
    return std::unique_ptr<TestUnit>(new TestUnit(sources, learned));
  }
  TestUnit(const TestUnit &) = delete; // the program points to the rules, the rest to the program

  FunctionId id(std::string_view function) const;
  const Summary &summaryOf(std::string_view function) const { return summaries[id(function)]; }
  /// Contexts of the roots that are this function, in the order of `Context`.
  std::vector<Context> rootsOf(std::string_view function) const;
  /// Sites in this function's own body.
  std::vector<SleepSite> sitesIn(std::string_view function) const;
  /// Of the only site there; nothing: there is none, or more than one.
  std::optional<Confidence> confidenceIn(std::string_view function) const;
  std::string calleeOf(const SleepSite &site) const;
  const ContextNode &nodeOf(const SleepSite &site) const { return contexts.nodes[site.node]; }

  const RuleSet rules;
  const Program program;
  const CallResolver resolver;
  const Summaries summaries;
  const ContextMap contexts;

private:
  TestUnit(const std::vector<Source> &sources, const LearnedContracts *learned = nullptr);
};

} // namespace bhlint
