// Findings as one HTML file to look at in a browser: no network, no other files.
//
// The list of findings comes first and is all that is read when the file is opened; what a finding's page shows
// follows, one piece of data for each, and is read when somebody opens that page. So a report with thousands of
// findings is usable at once. What is shown, and how, is in html/ (report.html, .css, .js).
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bhlint {

/// One line of a timeline, as the runtime model tells it.
struct TimelineEvent {
  unsigned cpu = 0;
  char level = 'T';  ///< H hard IRQ, S serving a softirq, T a task, ...: as in timelines in text
  std::string task;  ///< "kworker/0:1"
  std::string where; ///< the function that runs
  std::string text;
  bool isProblem = false;
};

struct Timeline {
  unsigned cpus = 0;                 ///< 0: there is none
  std::vector<TimelineEvent> events; ///< in the order of time
  std::string why;                   ///< when it is not modelled
  std::string kernelWords;           ///< what the kernel prints, on several lines; empty: nothing
};

/// A context in which a function can run, and the way there.
struct FunctionContext {
  Context context = Context::Process;
  std::vector<std::string> witness; ///< "file:line: what", from the root down
};

/// What a finding's page shows beyond the finding.
struct HtmlDetail {
  Timeline timeline;
  std::vector<FunctionContext> contexts; ///< of the function in which it sleeps
};

struct HtmlRule {
  std::string id, title, why;
};

/// Where the rest of a page comes from.
struct HtmlMaterial {
  std::function<std::optional<llvm::StringRef>(llvm::StringRef file)> source; ///< a file of the tree
  std::function<HtmlDetail(const Finding &)> detail;
  std::vector<HtmlRule> rules;
};

void writeHtml(const Report &report, const HtmlMaterial &material, llvm::raw_ostream &out);

} // namespace bhlint
