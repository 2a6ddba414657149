#include "analysis/program/test_unit.h"
#include "analysis/extract/extract.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bhlint {

namespace {

constexpr const char *prelude = R"(
struct work_struct;
typedef struct { int raw; } spinlock_t;
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);
void init_lock(spinlock_t *lock);
_Bool cancel_work_sync(struct work_struct *work);
int spin_trylock(spinlock_t *lock);
void local_bh_disable(void);
void local_bh_enable(void);

void msleep(unsigned int ms);
void *kmalloc(unsigned long size, unsigned int gfp);
#define GFP_ATOMIC 0x20u
#define GFP_KERNEL 0x4c0u
int in_interrupt(void);
int may_sleep_here(void);

struct tasklet_struct { void (*callback)(struct tasklet_struct *); };
void tasklet_setup(struct tasklet_struct *tasklet, void (*callback)(struct tasklet_struct *));
#define IRQF_TEST_THREAD 0x2000ul
int request_irq(unsigned int irq, int (*handler)(int, void *), unsigned long flags, void *data);
_Bool dec_and_test(int *count);
struct port { int (*start)(struct port *); };
void add_port(struct port *port, unsigned int flags);
#define PORT_MAY_SLEEP 0x2u
void for_each_port(void (*visit)(void *), void *data);

struct workqueue_struct;
extern struct workqueue_struct *system_bh_wq, *system_wq;
struct work_struct { void (*func)(struct work_struct *); };
#define INIT_WORK(work, function) ((work)->func = (function))
_Bool queue_work(struct workqueue_struct *queue, struct work_struct *work);
)";

facts::UnitFacts factsOf(const TestUnit::Source &source) {
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  files->addFile("/tree/" + source.file, 0, llvm::MemoryBuffer::getMemBufferCopy(prelude + source.code));
  files->setCurrentWorkingDirectory("/tree");
  ExtractRequest request;
  request.directory = request.treeRoot = "/tree";
  request.file = source.file;
  request.arguments = {"clang",     "--target=x86_64-linux-gnu",
                       "-nostdinc", "-std=gnu11",
                       "-DMODULE",  "-DKBUILD_MODNAME=\"" + source.module + "\""};
  ExtractResult result = extractUnit(request, files);
  EXPECT_EQ(result.errors, 0u) << result.firstError;
  return std::move(result.facts);
}

std::vector<facts::UnitFacts> factsOf(const std::vector<TestUnit::Source> &sources) {
  std::vector<facts::UnitFacts> units;
  for (const TestUnit::Source &source : sources)
    units.push_back(factsOf(source));
  return units;
}

SleepContract sleepRow(const char *function, SleepKind kind, SleepWhen when, unsigned argument) {
  SleepContract row;
  row.function = function;
  row.kind = kind;
  row.when = when;
  row.argument = argument;
  return row;
}

EffectContract effectRow(const char *function, AtomicEffect effect, EffectWhen when = EffectWhen::Always) {
  EffectContract row;
  row.function = function;
  row.effect = effect;
  row.when = when;
  row.isRelease = effect.preempt < 0 || effect.bottomHalf < 0 || effect.irq < 0;
  if (effect.preempt != 0)
    row.lockArgument = 0;
  return row;
}

CallbackContract callbackRow(const char *function, unsigned argument, Context context, const char *what) {
  CallbackContract row;
  row.function = function;
  row.argument = argument;
  row.context = context;
  row.what = what;
  return row;
}

} // namespace

RuleSet smallRules() {
  RuleSet rules; // lists are sorted by function, as loading leaves them
  rules.sleeps = {sleepRow("kmalloc", SleepKind::Allocation, SleepWhen::Gfp, 1),
                  sleepRow("msleep", SleepKind::Sleep, SleepWhen::Always, 0)};
  rules.effects = {effectRow("local_bh_disable", {.bottomHalf = 1}), effectRow("local_bh_enable", {.bottomHalf = -1}),
                   effectRow("spin_lock", {.preempt = 1}), effectRow("spin_lock_irq", {.preempt = 1, .irq = 1}),
                   effectRow("spin_trylock", {.preempt = 1}, EffectWhen::ResultNonZero),
                   effectRow("spin_unlock", {.preempt = -1}), effectRow("spin_unlock_irq", {.preempt = -1, .irq = -1})};
  CallbackContract each = callbackRow("for_each_port", 0, Context::Process, "");
  each.inCallerContext = true;
  CallbackContract handler = callbackRow("request_irq", 1, Context::HardIrq, "");
  handler.cases = {{.argument = 2, .flag = "IRQF_TEST_THREAD", .isSet = true, .context = Context::Process}};
  rules.callbacks = {each, handler, callbackRow("tasklet_setup", 1, Context::Tasklet, "tasklet")};
  ContextTest test;
  test.name = "in_interrupt";
  test.trueIn = {Context::Nmi, Context::HardIrq, Context::Softirq, Context::Tasklet, Context::Timer, Context::BhOff};
  test.falseIn = {Context::Process};
  ContextTest ability;
  ability.name = "may_sleep_here";
  ability.trueIn = {Context::Process};
  ability.falseIn = {Context::HardIrq, Context::Softirq, Context::Atomic};
  rules.tests = {test, ability};
  QueueContract queue;
  queue.function = "queue_work";
  queue.queueArgument = 0;
  queue.objectArgument = 1;
  rules.queues = {queue};
  QueueKind bottomHalf;
  bottomHalf.global = "system_bh_wq";
  bottomHalf.context = Context::BhWork;
  rules.queueKinds = {bottomHalf};
  DeferredObject work;
  work.record = "work_struct";
  work.field = "func";
  rules.deferred = {work};
  OpsContract start;
  start.record = "port";
  start.field = "start";
  start.context = Context::Softirq;
  FieldCase sleeping;
  sleeping.function = "add_port";
  sleeping.argument = 1;
  sleeping.flag = "PORT_MAY_SLEEP";
  sleeping.context = Context::Process;
  start.cases = {sleeping};
  rules.ops = {start};
  WaitContract cancel;
  cancel.function = "cancel_work_sync";
  cancel.record = "work_struct";
  cancel.field = "func";
  cancel.what = "work item";
  rules.waits = {cancel};
  rules.lockInits = {"init_lock"};
  rules.calibration.lastReference = {"dec_and_test"};
  rules.calibration.contextFields = {"in_bh"};
  rules.calibration.earlyBoot = {"boot_kernel"};
  rules.calibration.conditionalCalls = {{1, 3, 3}, {2, 1, 1}};
  rules.directReclaim = "RECLAIM";
  return rules;
}

facts::UnitFacts factsOfCode(std::string_view code) { return factsOf({"driver.c", "driver", std::string(code)}); }

TestUnit::TestUnit(const std::vector<Source> &sources, const LearnedContracts *learned)
    : rules(smallRules()), program(link(factsOf(sources), rules,
                                        {{"RECLAIM", testReclaimBit}, {"IRQF_TEST_THREAD", testThreadFlag}, {"PORT_MAY_SLEEP", 2}}, learned)),
      resolver(program), summaries(summarize(program, resolver)),
      contexts(inferContexts(program, resolver, summaries, findRoots(program))) {}

FunctionId TestUnit::id(std::string_view function) const {
  std::vector<FunctionId> found = program.named(function);
  EXPECT_EQ(found.size(), 1u) << function;
  return found.empty() ? 0 : found.front();
}

std::vector<Context> TestUnit::rootsOf(std::string_view function) const {
  std::vector<Context> result;
  for (const ContextRoot &root : contexts.roots)
    if (root.function == id(function))
      result.push_back(root.context);
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<SleepSite> TestUnit::sitesIn(std::string_view function) const {
  std::vector<SleepSite> result;
  for (const SleepSite &site : contexts.sites)
    if (nodeOf(site).function == id(function))
      result.push_back(site);
  return result;
}

std::optional<Confidence> TestUnit::confidenceIn(std::string_view function) const {
  const std::vector<SleepSite> sites = sitesIn(function);
  return sites.size() == 1 ? std::optional(sites.front().confidence) : std::nullopt;
}

std::string TestUnit::calleeOf(const SleepSite &site) const {
  return site.callee == noId ? std::string() : program.text(program.functions[site.callee].name).str();
}

} // namespace bhlint
