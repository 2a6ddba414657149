// A finding as tests need one: what is usual is here, what a test is about it sets itself.
#pragma once

#include "analysis/findings/finding.h"

namespace bhlint {

inline Finding sampleFinding() {
  Finding finding;
  finding.rule = "bh-mutex-in-atomic";
  finding.place = {"drivers/foo/bar.c", 210, 2};
  finding.function = "bar_flush";
  finding.sink = "mutex_lock";
  finding.context = "tasklet";
  finding.message = "mutex_lock() may sleep, but bar_flush() runs in tasklet context";
  finding.root = {"bar_task",
                  {"drivers/foo/bar.c", 498, 2},
                  "bar_task() is a tasklet: registered by tasklet_setup() in bar_probe()"};
  finding.chain = {{"bar_task", {"drivers/foo/bar.c", 240, 3}, "bar_task() calls bar_flush()"},
                   {"bar_flush", {"drivers/foo/bar.c", 210, 2}, "mutex_lock() sleeps"}};
  finding.suggestion = {"a workqueue or a threaded IRQ", "both run in process context"};
  return finding;
}

} // namespace bhlint
