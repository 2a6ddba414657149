#include "analysis/observe/observation.h"
#include "analysis/observe/proc_counters.h"

#include "analysis/ruleset/load.h"

#include "llvm/Support/VirtualFileSystem.h"
#include "gmock/gmock.h"

namespace bhlint {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

const RuleSet &rules() {
  static const RuleSet loaded = loadRuleSet(*llvm::vfs::getRealFileSystem(), BHLINT_SOURCE_DIR "/rules").rules;
  return loaded;
}

TraceLine readLine(llvm::StringRef line) {
  return readTraceLine(line, [](llvm::StringRef event) { return event == "irq_handler_entry"; });
}

Observation observe(llvm::StringRef text) {
  TraceObserver observer(rules());
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    observer.take(line);
    text = rest;
  }
  return observer.finish();
}

TEST(TraceLine, IsReadAsTracefsAndTraceCmdAndPerfPrintIt) {
  const char *lines[] = {
      "          <idle>-0       [001] d.h1.  1234.000567: irq_handler_entry: irq=24 name=virtio0",
      "          <idle>-0       (-----) [001] d.h1  1234.000567: irq_handler_entry: irq=24 name=virtio0",
      "          <idle>-0     [001]  1234.000567: irq_handler_entry:    irq=24 name=virtio0",
      "swapper     0 [001]  1234.000567000: irq:irq_handler_entry: irq=24 name=virtio0",
      "my task   7/0 [001]  1234.000567: irq:irq_handler_entry: irq=24 name=virtio0",
  };
  for (const char *line : lines) {
    TraceLine read = readLine(line);
    ASSERT_EQ(read.kind, TraceLineKind::Event) << line;
    EXPECT_EQ(read.event.time, 1234'000567'000u) << line;
    EXPECT_EQ(read.event.cpu, 1u) << line;
    EXPECT_EQ(read.event.task, 0u) << line;
    EXPECT_EQ(read.event.fields, "irq=24 name=virtio0") << line;
  }
  EXPECT_EQ(readLine(lines[0]).event.level, InterruptLevel::HardIrq);
  EXPECT_EQ(readLine(lines[2]).event.level, InterruptLevel::Unknown);
}

TEST(TraceLine, WhatIsNoEventIsToldApart) {
  EXPECT_EQ(readLine("# tracer: nop").kind, TraceLineKind::Other);
  EXPECT_EQ(readLine("cpus=2").kind, TraceLineKind::Other);
  EXPECT_EQ(readLine("  sh-12  [000] ..... 1.0: sched_switch: x").kind, TraceLineKind::Other);
  EXPECT_EQ(readLine("  sh-12  [000] ..... 1.0: f <-g").kind, TraceLineKind::Other);
  EXPECT_EQ(readLine("irq_handler_entry: irq=24").kind, TraceLineKind::Unreadable);
  EXPECT_EQ(readLine("  sh-12  [000] ..... noon: irq_handler_entry: irq=24").kind, TraceLineKind::Unreadable);
  EXPECT_EQ(readLine("  sh-12  [99999999999] ..... 1.0: irq_handler_entry: irq=24").kind, TraceLineKind::Unreadable);
  EXPECT_EQ(readLine("  sh-12  [000] ..... 99999999999999999999.0: irq_handler_entry: irq=1").kind,
            TraceLineKind::Unreadable);
  TraceLine lost = readLine("CPU:3 [LOST 12 EVENTS]");
  EXPECT_EQ(lost.kind, TraceLineKind::Lost);
  EXPECT_EQ(lost.lost, 12u);
}

TEST(TraceLine, ATasksNameHidesNoEvent) {
  TraceLine read = readLine(" a-1 [0] 1.0: x:-12  [001] d.h1. 2.5: irq_handler_entry: irq=24 name=a");
  ASSERT_EQ(read.kind, TraceLineKind::Event);
  EXPECT_EQ(read.event.cpu, 1u);
  EXPECT_EQ(read.event.task, 12u);
}

TEST(TraceLine, Fields) {
  EXPECT_EQ(traceField("vec=9 [action=RCU]", "action"), "RCU");
  EXPECT_EQ(traceField("vec=9 [action=RCU]", "vec"), "9");
  EXPECT_EQ(traceField("work struct 00ab: function f", "work struct"), "00ab");
  EXPECT_EQ(traceField("work struct=00ab function=f workqueue=e", "function"), "f");
  EXPECT_EQ(traceField("hrtimer=1 timer=2", "timer"), "2");
  EXPECT_EQ(traceField("irq=24", "vec"), std::nullopt);
  EXPECT_EQ(traceFunction("f.isra.0+0x0"), "f");
  EXPECT_EQ(traceFunction("ffffffff81234567"), "");
  EXPECT_EQ(traceFunction("0xffffffff81234567"), "");
  EXPECT_EQ(traceFunction("\x1b[31m"), "");
}

TEST(Observation, RunTimesAndLatency) {
  Observation seen = observe(R"(
 x-1 [000] d.... 10.000100: workqueue_queue_work: work struct=00ab function=f workqueue=events req_cpu=2 cpu=0
 x-9 [000] ..... 10.000400: workqueue_execute_start: work struct 00ab: function f
 x-9 [001] ..... 10.002400: workqueue_execute_end: work struct 00ab: function f
 x-1 [000] d.... 10.003000: hrtimer_start: hrtimer=0c function=g expires=10004000000 softexpires=1 mode=ABS was_armed=0
 x-1 [000] d.h1. 10.004100: hrtimer_expire_entry: hrtimer=0c function=g now=10004060000
 x-1 [000] d.h1. 10.006100: hrtimer_expire_exit: hrtimer=0c
)");
  ASSERT_EQ(seen.handlers.size(), 2u);
  const ObservedHandler &work = seen.handlers[0].name == "f" ? seen.handlers[0] : seen.handlers[1];
  const ObservedHandler &timer = seen.handlers[0].name == "f" ? seen.handlers[1] : seen.handlers[0];
  EXPECT_EQ(work.run.longest, 2'000'000u); // it moved to another CPU meanwhile
  EXPECT_EQ(work.latency.longest, 300'000u);
  EXPECT_FALSE(work.isTooLong());
  EXPECT_EQ(timer.context, Context::HardIrq);
  EXPECT_EQ(timer.latency.longest, 60'000u);
  EXPECT_EQ(timer.run.longestLine, 7u);
  EXPECT_TRUE(timer.isTooLong());
  EXPECT_EQ(seen.nanoseconds, 6'000'000u);
  EXPECT_EQ(seen.cpus, 2u);
}

TEST(Observation, ContextIsThatOfTheSoftirqAround) {
  const char *text = R"(
 x-1 [000] 1.000001: softirq_entry: vec=6 [action=TASKLET]
 x-1 [000] 1.000002: workqueue_execute_start: work struct 00ab: function f
 x-1 [000] 1.000003: workqueue_execute_end: work struct 00ab: function f
 x-1 [000] 1.000003: hrtimer_expire_entry: hrtimer=0c function=g now=1
 x-1 [000] 1.000004: softirq_exit: vec=6 [action=TASKLET]
 x-1 [000] 1.000005: workqueue_execute_start: work struct 00ab: function f
)";
  Observation seen = observe(text);
  auto is = [](const char *name, Context context, bool isCertain) {
    return AllOf(Field(&ObservedHandler::name, name), Field(&ObservedHandler::context, context),
                 Field(&ObservedHandler::isContextCertain, isCertain));
  };
  EXPECT_THAT(seen.handlers,
              testing::UnorderedElementsAre(is("TASKLET", Context::Softirq, true), is("f", Context::BhWork, true),
                                            is("f", Context::Process, true), is("g", Context::HardIrq, false)));
}

TEST(Observation, TaskletsFirstThenByRate) {
  std::string text;
  for (int i = 0; i < 3; ++i)
    text += " x-1 [000] 1.000001: timer_expire_entry: timer=1 function=often now=1 baseclk=1\n";
  text += " x-1 [000] 1.000002: tasklet_entry: tasklet=t function=rare\n"
          " x-1 [000] 1.000003: timer_expire_entry: timer=2 function=seldom now=1 baseclk=1\n";
  EXPECT_THAT(observe(text).handlers,
              ElementsAre(Field(&ObservedHandler::name, "rare"), Field(&ObservedHandler::name, "often"),
                          Field(&ObservedHandler::name, "seldom")));
}

TEST(Observation, WhatWasLostEndsWhatRan) {
  Observation seen = observe(R"( x-1 [000] 1.000001: tasklet_entry: tasklet=t function=f
CPU:0 [LOST 7 EVENTS]
 x-1 [000] 9.000001: tasklet_exit: tasklet=t function=f
)");
  EXPECT_EQ(seen.lost, 7u);
  EXPECT_EQ(seen.handlers[0].run.count, 0u);
}

TEST(Observation, BadLinesAreCountedAndLocated) {
  Observation seen =
      observe("what\n x-1 [000] 1.0: tasklet_entry: nothing\n x-1 [000] 1.0: tasklet_entry: tasklet=t function=f\n");
  EXPECT_EQ(seen.unreadable, 2u);
  EXPECT_THAT(seen.unreadableLines, ElementsAre(1u, 2u));
  EXPECT_EQ(seen.handlers.size(), 1u);
}

TEST(Observation, MemoryIsBounded) {
  TraceObserver observer(rules());
  for (int i = 0; i < 100'500; ++i)
    observer.take(" x-1 [000] 1.0: tasklet_entry: tasklet=t" + std::to_string(i) + " function=f" + std::to_string(i));
  Observation seen = observer.finish();
  EXPECT_EQ(seen.handlers.size(), 100'000u);
  EXPECT_GE(seen.dropped, 500u);
}

TEST(Counters, RatesBetweenSamples) {
  llvm::Expected<Counters> before = readCounters("      CPU0  CPU1\n  HI:  1  2\nNET_RX: 4294967295 5\nERR: 3\n", "a");
  llvm::Expected<Counters> after = readCounters("      CPU0  CPU1\n  HI:  1  2\nNET_RX: 9 5\nERR: 5\nNEW: 1 1\n", "b");
  ASSERT_TRUE(static_cast<bool>(before));
  ASSERT_TRUE(static_cast<bool>(after));
  llvm::Expected<std::vector<RateRow>> rates = ratesBetween(*before, *after, 2);
  ASSERT_TRUE(static_cast<bool>(rates));
  ASSERT_EQ(rates->size(), 2u);
  EXPECT_EQ((*rates)[0].name, "NET_RX");
  EXPECT_THAT((*rates)[0].perSecond, ElementsAre(5.0, 0.0)); // the counter began again
  EXPECT_EQ((*rates)[1].total, 1.0);
}

TEST(Counters, InterruptsSayWhatTheyAre) {
  llvm::Expected<Counters> counters =
      readCounters("           CPU0       CPU1\n 24:          1          0  IO-APIC   5-edge      ACPI:Ged\n", "a");
  ASSERT_TRUE(static_cast<bool>(counters));
  EXPECT_EQ(counters->rows[0].name, "24");
  EXPECT_EQ(counters->rows[0].about, "IO-APIC 5-edge ACPI:Ged");
}

std::string errorOf(llvm::StringRef text, llvm::StringRef file) {
  llvm::Expected<Counters> counters = readCounters(text, file);
  return counters ? std::string() : llvm::toString(counters.takeError());
}

TEST(Counters, ErrorsAreLocated) {
  EXPECT_THAT(errorOf("", "a"), HasSubstr("a:1: "));
  EXPECT_THAT(errorOf("CPU0 CPU1\n24: 1 2\n25: x\n", "a"), HasSubstr("a:3: "));
  EXPECT_THAT(errorOf("CPU0 CPU1 CPU2\n24: 1 2\n", "a"), HasSubstr("a:2: "));
}

} // namespace
} // namespace bhlint
