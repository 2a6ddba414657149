#include "analysis/ruleset/test_rules.h"

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Load, ReadsRulesAdviceAndContracts) {
  const LoadResult result = RulesFolder()
                                .contracts(R"(context_groups:
  - {name: interrupt, contexts: [hardirq, tasklet]}
sleeps:
  - {functions: [kmalloc, kzalloc], when: gfp, argument: 1, kind: allocation, evidence: ["a.h:1"]}
  - {functions: [mutex_trylock], when: never, kind: mutex, forbidden_in: [interrupt, nmi], evidence: ["a.h:2"]}
  - functions: [regmap_read]
    when_module_calls: [init_i2c]
    unless_module_calls: [init_mmio]
    evidence: ["a.h:3"]
    confidence: medium
    since: "6.1"
    until: "6.12"
effects:
  - acquire: [spin_lock]
    acquire_if_nonzero: [spin_trylock]
    acquire_if_zero: [hw_trylock]
    release: [spin_unlock]
    effect: {preempt: 1, irq: 1}
    lock: 0
    evidence: ["a.h:4"]
callbacks:
  - {functions: [tasklet_setup], argument: 1, context: tasklet, what: tasklet, evidence: ["a.h:5"]}
  - functions: [alloc_x]
    argument: 2
    context: hardirq
    cases:
      - {argument: 0, flag: WQ_BH, set: false, context: process}
    evidence: ["a.h:6"]
  - {functions: [for_each], argument: 0, caller: true, evidence: ["a.h:7"]}
  - {functions: [register_x], argument: 0, member: notifier_call, context: rcu, evidence: ["a.h:8"]}
ops:
  - record: snd_pcm_ops
    fields: [trigger, pointer]
    context: irqsoff
    cases:
      - {record: snd_pcm, field: nonatomic, context: process}
      - {function: init, argument: 2, flag: WQ_BH, context: timer}
    evidence: ["a.h:9"]
tests:
  - {functions: [in_interrupt], true_in: [interrupt], false_in: [process], evidence: ["a.h:10"]}
queues:
  - {functions: [queue_work], queue: 0, object: 1, evidence: ["a.h:11"]}
queue_kinds:
  - {global: system_bh_wq, context: bhwork, evidence: ["a.h:12"]}
  - {allocator: alloc_workqueue, flags: 1, flag: WQ_BH, context: bhwork, evidence: ["a.h:13"]}
deferred:
  - {record: work_struct, field: func, fallback: process, evidence: ["a.h:14"]}
)")
                                .load();
  for (const RuleError &error : result.errors)
    ADD_FAILURE() << formatRuleError(error);
  const RuleSet &rules = result.rules;

  ASSERT_THAT(rules.rules, SizeIs(1));
  ASSERT_NE(rules.find("bh-x"), nullptr);
  EXPECT_EQ(rules.find("bh-y"), nullptr);
  EXPECT_EQ(rules.find("bh-x")->bad, "msleep(1);\n");
  EXPECT_EQ(rules.directReclaim, "__GFP_DIRECT_RECLAIM");

  ASSERT_THAT(rules.sleeps, SizeIs(4));
  EXPECT_EQ(rules.sleeps[0].function, "kmalloc");
  EXPECT_EQ(rules.sleeps[0].when, SleepWhen::Gfp);
  EXPECT_EQ(rules.sleeps[0].argument, 1u);
  EXPECT_EQ(rules.sleeps[0].kind, SleepKind::Allocation);
  EXPECT_EQ(rules.sleeps[1].function, "kzalloc");
  EXPECT_GT(rules.sleeps[1].provenance.location.column, rules.sleeps[0].provenance.location.column);
  EXPECT_EQ(rules.sleeps[2].when, SleepWhen::Never);
  EXPECT_THAT(rules.sleeps[2].forbiddenIn, ElementsAre(Context::Nmi, Context::HardIrq, Context::Tasklet));
  EXPECT_THAT(rules.sleeps[3].whenModuleCalls, ElementsAre("init_i2c"));
  EXPECT_THAT(rules.sleeps[3].unlessModuleCalls, ElementsAre("init_mmio"));
  EXPECT_EQ(rules.sleeps[3].provenance.confidence, Confidence::Medium);
  EXPECT_TRUE(rules.sleeps[3].provenance.kernels.contains(6012));
  EXPECT_FALSE(rules.sleeps[3].provenance.kernels.contains(6013));
  EXPECT_FALSE(rules.sleeps[3].provenance.kernels.contains(5015));

  ASSERT_THAT(rules.effects, SizeIs(4));
  EXPECT_EQ(rules.effects[0].function, "hw_trylock");
  EXPECT_EQ(rules.effects[0].when, EffectWhen::ResultZero);
  EXPECT_EQ(rules.effects[1].effect, (AtomicEffect{1, 0, 1, 0}));
  EXPECT_EQ(rules.effects[2].when, EffectWhen::ResultNonZero);
  EXPECT_EQ(rules.effects[3].effect, (AtomicEffect{-1, 0, -1, 0}));
  EXPECT_TRUE(rules.effects[3].isRelease);
  EXPECT_EQ(rules.effects[3].lockArgument, 0u);

  ASSERT_THAT(rules.callbacks, SizeIs(4));
  EXPECT_EQ(rules.callbacks[0].cases[0].flag, "WQ_BH");
  EXPECT_FALSE(rules.callbacks[0].cases[0].isSet);
  EXPECT_TRUE(rules.callbacks[1].inCallerContext);
  EXPECT_EQ(rules.callbacks[2].member, "notifier_call");
  EXPECT_EQ(rules.callbacks[3].what, "tasklet");

  ASSERT_THAT(rules.ops, SizeIs(2));
  EXPECT_EQ(rules.ops[0].field, "pointer");
  ASSERT_THAT(rules.ops[0].cases, SizeIs(2));
  EXPECT_EQ(rules.ops[0].cases[0].field, "nonatomic");
  EXPECT_EQ(rules.ops[0].cases[1].function, "init");
  EXPECT_EQ(rules.ops[0].cases[1].argument, 2u);

  EXPECT_THAT(rules.tests[0].trueIn, ElementsAre(Context::HardIrq, Context::Tasklet));
  EXPECT_EQ(rules.queues[0].objectArgument, 1u);
  ASSERT_THAT(rules.queueKinds, SizeIs(2));
  EXPECT_EQ(rules.deferred[0].fallback, Context::Process);
  ASSERT_THAT(rules.advice, SizeIs(2));
  EXPECT_EQ(rules.advice[0].mechanism, "workqueue");
}

TEST(Load, UnknownKeyNamesTheNearest) {
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], evidnce: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 5, "key 'evidence' is missing in a row of 'sleeps'"),
                          errorAt(4, 22, "unknown key 'evidnce' in a row of 'sleeps'; did you mean 'evidence'?")));
  EXPECT_THAT(errorsOf("slepes:\n  - {}\n"),
              ElementsAre(errorAt(3, 1, "unknown key 'slepes' in a contract file; did you mean 'sleeps'?")));
}

TEST(Load, UnknownNamesNameTheNearest) {
  EXPECT_THAT(errorsOf("sleeps:\n  - functions: [f]\n    kind: mutx\n    evidence: [\"a.h:1\"]\n"),
              ElementsAre(errorAt(5, 11, "unknown kind 'mutx'; did you mean 'mutex'?")));
  EXPECT_THAT(errorsOf("sleeps:\n  - functions: [f]\n    when: sometimes\n    evidence: [\"a.h:1\"]\n"),
              ElementsAre(errorAt(5, 11, "unknown when 'sometimes'; one of always, gfp, nonzero, zero, never")));
  EXPECT_THAT(errorsOf("ops:\n  - {record: r, fields: [f], context: hard_irq, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 39, "unknown context 'hard_irq'; did you mean 'hardirq'?")));
  EXPECT_THAT(errorsOf("tests:\n  - {functions: [f], true_in: [taslet], evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 32, "unknown context 'taslet'; did you mean 'tasklet'?")));
  EXPECT_THAT(errorsOf("sleeps:\n  - functions: [f]\n    confidence: hihg\n    evidence: [\"a.h:1\"]\n"),
              ElementsAre(errorAt(5, 17, "unknown confidence 'hihg'; did you mean 'high'?")));
  EXPECT_THAT(
      errorsOf("callbacks:\n  - functions: [f]\n    argument: 0\n    context: process\n    evidence: [\"a.h:1\"]\n"
               "    cases:\n      - {argument: 1, flag: WQ_HB, context: tasklet}\n"),
      ElementsAre(errorAt(9, 29, "'WQ_HB' is not among the 'constants'; did you mean 'WQ_BH'?")));
}

TEST(Load, WrongTypes) {
  EXPECT_THAT(errorsOf("sleeps: {functions: [f]}\n"), ElementsAre(errorAt(3, 9, "'sleeps' is a list, not a map")));
  EXPECT_THAT(errorsOf("sleeps: [f]\n"),
              ElementsAre(errorAt(3, 10, "a row of 'sleeps' is a map of keys and values, not text")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: f, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 17, "'functions' is a list, not text")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [[f]], evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 18, "an item of 'functions' is a word, not a list")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], when: gfp, argument: one, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 43, "'argument' is a number, not 'one'")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], when: gfp, argument: \"1\", evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 43, "'argument' is a number, not '1'")));
  EXPECT_THAT(
      errorsOf("callbacks:\n  - {functions: [f], argument: 0, caller: yes, evidence: [\"a.h:1\"]}\n"),
      ElementsAre(errorAt(4, 5, "key 'context' is missing"), errorAt(4, 43, "'caller' is true or false, not 'yes'")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [\"a b\"], evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 18, "'functions' names a C identifier, not 'a b'")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], evidence: [somewhere]}\n"),
              ElementsAre(errorAt(4, 33, "evidence is path:line in the kernel tree, not 'somewhere'")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], evidence: [\"a.h:1\"], since: soon}\n"),
              ElementsAre(errorAt(4, 50, "'since' is a kernel version such as 6.12, not 'soon'")));
}

TEST(Load, ArgumentsOutOfRange) {
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], when: gfp, argument: 32, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 43, "'argument' is 32, out of the range 0..31")));
  EXPECT_THAT(errorsOf("callbacks:\n  - {functions: [f], argument: -1, context: process, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 32, "'argument' is -1, out of the range 0..31")));
  EXPECT_THAT(errorsOf("effects:\n  - {acquire: [f], effect: {preempt: 9}, evidence: [\"a.h:1\"]}\n"),
              testing::Contains(errorAt(4, 38, "'preempt' is 9, out of the range 0..4")));
}

TEST(Load, MissingAndMeaninglessKeys) {
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], when: gfp, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 5, "key 'argument' is missing in a row of 'sleeps'")));
  EXPECT_THAT(errorsOf("sleeps:\n  - {functions: [f], argument: 1, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 32, "'argument' has no meaning with 'when: always'")));
  EXPECT_THAT(
      errorsOf("sleeps:\n  - {functions: [], evidence: []}\n"),
      ElementsAre(errorAt(4, 17, "'functions' is an empty list"), errorAt(4, 31, "'evidence' is an empty list")));
  EXPECT_THAT(errorsOf("effects:\n  - {effect: {preempt: 1}, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 5, "names functions under 'acquire'")));
  EXPECT_THAT(errorsOf("effects:\n  - {acquire: [f], effect: {}, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 28, "'effect' changes nothing")));
  EXPECT_THAT(errorsOf("queue_kinds:\n  - {context: bhwork, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 5, "either a 'global' or an 'allocator'")));
}

TEST(Load, DuplicatesAreFoundAcrossFiles) {
  const LoadResult result = RulesFolder()
                                .contracts("sleeps:\n  - {functions: [f, g, f], evidence: [\"a.h:1\"]}\n")
                                .add("rules/contracts/y.yaml",
                                     std::string(contractHead) + "sleeps:\n  - {functions: [g], evidence: [\"a:1\"]}\n")
                                .load();
  EXPECT_THAT(result.errors,
              ElementsAre(errorAt(4, 24, "'f' in 'sleeps' has a row already, at /rules/contracts/x.yaml:4:18"),
                          errorAt(4, 18, "'g' in 'sleeps' has a row already, at /rules/contracts/x.yaml:4:21")));
  EXPECT_EQ(result.errors[1].where.file, "/rules/contracts/y.yaml");
}

TEST(Load, RowsForDifferentKernelsOrConditionsAreNoDuplicates) {
  EXPECT_THAT(errorsOf("sleeps:\n"
                       "  - {functions: [f], until: \"6.7\", evidence: [\"a.h:1\"]}\n"
                       "  - {functions: [f], since: \"6.8\", kind: mutex, evidence: [\"a.h:1\"]}\n"
                       "  - {functions: [g], when: gfp, argument: 1, evidence: [\"a.h:1\"]}\n"
                       "  - {functions: [g], when: gfp, argument: 2, evidence: [\"a.h:1\"]}\n"),
              IsEmpty());
  EXPECT_THAT(errorsOf("sleeps:\n"
                       "  - {functions: [f], evidence: [\"a.h:1\"]}\n"
                       "  - {functions: [f], when: gfp, argument: 1, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(5, 18, "with another 'when', has a row already")));
}

TEST(Load, RowsAreSelectedByKernel) {
  const LoadResult result =
      RulesFolder()
          .contracts("sleeps:\n"
                     "  - {functions: [f], until: \"6.7\", evidence: [\"a.h:1\"]}\n"
                     "  - {functions: [f, g], since: \"6.8\", evidence: [\"a.h:1\"]}\n"
                     "ops:\n"
                     "  - {record: r, fields: [x], context: bhoff, since: \"6.12\", evidence: [\"a:1\"]}\n")
          .load();
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_THAT(forKernel(result.rules, 0).sleeps, SizeIs(3));
  EXPECT_THAT(forKernel(result.rules, 6001).sleeps, SizeIs(1));
  EXPECT_THAT(forKernel(result.rules, 6001).ops, IsEmpty());
  EXPECT_THAT(forKernel(result.rules, 6012).sleeps, SizeIs(2));
  EXPECT_THAT(forKernel(result.rules, 6012).ops, SizeIs(1));
}

TEST(Load, OtherDuplicates) {
  EXPECT_THAT(errorsOf("ops:\n  - {record: r, fields: [f, f], context: process, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 29, "'r.f' in 'ops' has a row already")));
  EXPECT_THAT(errorsOf("context_groups:\n  - {name: g, contexts: [timer]}\n  - {name: g, contexts: [timer]}\n"),
              ElementsAre(errorAt(5, 12, "context group 'g' is defined twice")));
  EXPECT_THAT(errorsOf("sleeps: []\nsleeps: []\n"), ElementsAre(errorAt(4, 1, "key 'sleeps' is given twice")));
  EXPECT_THAT(errorsOf("constants:\n  - {names: [WQ_BH], header: x.h}\n"),
              ElementsAre(errorAt(4, 14, "constant 'WQ_BH' has a row already")));
}

TEST(Load, RulesAreChecked) {
  auto errorsWith = [](const std::string &from, const std::string &to) {
    std::string text = goodRule;
    text.replace(text.find(from), from.size(), to);
    return RulesFolder().add("rules/bh-y.yaml", text).load().errors;
  };
  EXPECT_THAT(errorsWith("id: bh-x", "id: bh-x"),
              ElementsAre(errorAt(1, 5, "rule 'bh-x' is in a file named 'bh-y.yaml'")));
  EXPECT_THAT(errorsWith("id: bh-x", "id: BH_y"), ElementsAre(errorAt(1, 5, "lower-case words and dashes")));
  EXPECT_THAT(errorsWith("id: bh-x\ntitle: Something sleeps", "id: bh-y"),
              ElementsAre(errorAt(1, 1, "key 'title' is missing in a rule")));
  EXPECT_THAT(errorsWith("id: bh-x\ntitle: Something sleeps", "id: bh-y\ntitle: \"\""),
              ElementsAre(errorAt(2, 8, "'title' is empty")));
  EXPECT_THAT(errorsWith("id: bh-x\ntitle: Something sleeps\nseverity: error",
                         "id: bh-y\ntitle: Something sleeps\nseverity: eror"),
              ElementsAre(errorAt(3, 11, "unknown severity 'eror'; did you mean 'error'?")));
}

TEST(Load, MessagesHaveKnownPlaceholders) {
  std::string text = goodRule;
  text.replace(text.find("{context}"), 9, "{contxt}");
  EXPECT_THAT(RulesFolder().add("rules/bh-x2.yaml", text).load().errors,
              testing::Contains(errorAt(5, 10, "unknown placeholder 'contxt' in 'message'; did you mean 'context'?")));
  text.replace(text.find("{contxt}"), 8, "{context");
  EXPECT_THAT(RulesFolder().add("rules/bh-x2.yaml", text).load().errors,
              testing::Contains(errorAt(5, 10, "'message' has a '{' without '}'")));
}

TEST(Load, SuggestionsAreOnePerCase) {
  const std::string text = goodRule;
  const auto errorsWith = [&](const std::string &rows) {
    return RulesFolder().add("rules/bh-x2.yaml", text + "suggestions:\n" + rows).load().errors;
  };
  const std::string first = "  - {when: a, use: u, why: \"{function} and {use}\"}\n";
  const unsigned line = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 2;
  const std::string same = "another row of 'suggestions' is for the same case";
  EXPECT_THAT(errorsWith(first + "  - {when: b, use: u, why: w}\n"), testing::Not(testing::Contains(errorAt(line + 1, 5, same))));
  EXPECT_THAT(errorsWith(first + first), testing::Contains(errorAt(line + 1, 5, same)));
  EXPECT_THAT(errorsWith("  - {use: u, why: \"{context}\"}\n"),
              testing::Contains(errorAt(line, 19, "unknown placeholder 'context' in 'why'; one of sink, function, lock, use")));
}

TEST(Load, AdviceEndsWithARowForEverythingElse) {
  const LoadResult result = RulesFolder()
                                .add("rules/advice.yaml", "about: t\nadvice:\n  - {use: a, why: b, claims: [A1]}\n"
                                                          "  - {kinds: [sleep], use: a, why: b, claims: [A1]}\n")
                                .load();
  EXPECT_THAT(result.errors, ElementsAre(errorAt(3, 3, "the last row of 'advice' has no conditions"),
                                         errorAt(4, 5, "this row is never reached")));
}

TEST(Load, GfpRowsNeedTheBit) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem> files = new llvm::vfs::InMemoryFileSystem;
  files->addFile("/r/advice.yaml", 0, llvm::MemoryBuffer::getMemBuffer(goodAdvice));
  files->addFile("/r/contracts/x.yaml", 0,
                 llvm::MemoryBuffer::getMemBufferCopy(
                     std::string(contractHead) +
                     "sleeps:\n  - {functions: [f], when: gfp, argument: 0, evidence: [\"a.h:1\"]}\n"));
  EXPECT_THAT(loadRuleSet(*files, "/r").errors, ElementsAre(errorAt(4, 18, "need 'direct_reclaim'")));
}

TEST(Load, OneBrokenFileDoesNotHideTheOthers) {
  const LoadResult result = RulesFolder()
                                .add("rules/contracts/a.yaml", "about: [\n")
                                .contracts("sleeps:\n  - {functions: [f], evidence: [\"a.h:1\"]}\n")
                                .load();
  ASSERT_THAT(result.errors, SizeIs(1));
  EXPECT_EQ(result.errors[0].where.file, "/rules/contracts/a.yaml");
  EXPECT_THAT(result.errors[0].message, HasSubstr("not valid YAML"));
  EXPECT_THAT(result.rules.sleeps, SizeIs(1));
}

TEST(Load, ARowWithAnErrorIsLeftOut) {
  const LoadResult result = RulesFolder()
                                .contracts("sleeps:\n  - {functions: [f], kind: x, evidence: [\"a.h:1\"]}\n"
                                           "  - {functions: [g], evidence: [\"a.h:1\"]}\n")
                                .load();
  EXPECT_THAT(result.errors, SizeIs(1));
  ASSERT_THAT(result.rules.sleeps, SizeIs(1));
  EXPECT_EQ(result.rules.sleeps[0].function, "g");
}

TEST(Load, MissingFolderIsAnError) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem> files = new llvm::vfs::InMemoryFileSystem;
  const LoadResult result = loadRuleSet(*files, "/nowhere");
  ASSERT_THAT(result.errors, SizeIs(2));
  EXPECT_EQ(result.errors[0].where.file, "/nowhere");
  EXPECT_THAT(formatRuleError(result.errors[0]), HasSubstr("/nowhere: error: cannot read this folder"));
}

TEST(Load, OtherFilesAreLeftAlone) {
  EXPECT_THAT(RulesFolder().add("rules/README.md", "[[[").add("rules/.hidden.yaml", "[[[").load().errors, IsEmpty());
}

TEST(Load, ErrorsAreFormattedForEditors) {
  RuleError error;
  error.where = {"rules/x.yaml", 3, 7};
  error.message = "wrong";
  EXPECT_EQ(formatRuleError(error), "rules/x.yaml:3:7: error: wrong");
}

} // namespace
} // namespace bhlint
