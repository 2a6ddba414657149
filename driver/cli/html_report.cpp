#include "driver/cli/html_report.h"

#include "analysis/findings/write_html.h"
#include "driver/cli/function_contexts.h"
#include "driver/cli/tree_sources.h"

#include "llvm/Support/Path.h"

#include <algorithm>

namespace bhlint {

namespace {

/// Names come from facts, which may be a stranger's: nothing outside the tree ends up in a report.
bool isInTree(llvm::StringRef file) {
  namespace path = llvm::sys::path;
  return !path::is_absolute(file) && std::find(path::begin(file), path::end(file), "..") == path::end(file);
}

Timeline timelineOf(const Finding &finding) {
  const model::ReplayResult replayed = model::replayFinding(replayRequest(finding));
  Timeline timeline{replayed.cpus, {}, replayed.why, replayed.kernelWords};
  for (const model::Event &event : replayed.events)
    timeline.events.push_back({event.cpu, event.level, event.task, event.where, event.text, event.isProblem});
  return timeline;
}

/// The function that the finding is in, among those with its name.
FunctionId functionOf(const Program &program, const Finding &finding) {
  for (FunctionId id : program.named(finding.function))
    if (program.bodyOf(id) && program.text(program.functions[id].file) == finding.place.file)
      return id;
  return noId;
}

std::vector<FunctionContext> contextsOf(const Run &run, const Finding &finding) {
  std::vector<FunctionContext> result;
  const FunctionId id = functionOf(*run.program, finding);
  if (id == noId)
    return result;
  for (unsigned i = 0; i < contextCount; ++i) {
    const Context context = static_cast<Context>(i);
    if ((run.contexts->ambient[id] & (1u << i)) != 0 && context != finding.ambient)
      result.push_back({context, witnessOf(run, id, context)});
  }
  return result;
}

} // namespace

void writeHtmlReport(const FindingsRun &result, llvm::raw_ostream &out) {
  HtmlMaterial material;
  TreeSources sources(result.run);
  material.source = [&](llvm::StringRef file) { return isInTree(file) ? sources.read(file) : std::nullopt; };
  material.detail = [&](const Finding &finding) {
    return HtmlDetail{timelineOf(finding), contextsOf(result.run, finding)};
  };
  for (const Rule &rule : result.run.rules.rules)
    material.rules.push_back({rule.id, rule.title, rule.why});
  writeHtml(result.report, material, out);
}

} // namespace bhlint
