#include "driver/migrate/edited_tree.h"

#include "analysis/migrate/apply.h"
#include "driver/cli/judge.h"
#include "driver/cli/unit_cache.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

namespace bhlint {

Overlay overlayWith(const PreparedRun &prepared, const std::vector<MigratedFile> &files) {
  Overlay overlay = prepared.run.overlay;
  for (const MigratedFile &file : files) {
    const std::string full = prepared.run.tree + "/" + file.file;
    llvm::erase_if(overlay, [&](const auto &entry) { return entry.first == full; });
    overlay.emplace_back(full, file.after);
  }
  return overlay;
}

llvm::Error analyseEdited(const RunOptions &options, const PreparedRun &prepared, const Overlay &overlay,
                          const Warning &warn, AnalysedTree &analysed) {
  llvm::Expected<Run> begun = beginRun(options, prepared.run.tree);
  if (!begun)
    return begun.takeError();
  analysed.run = std::move(*begun);
  analysed.run.constants = prepared.run.constants;
  analysed.run.overlay = overlay;
  UnitCache cache(options, warn);
  cache.setOverlay(analysed.run.overlay);
  analysed.run.files = openFiles(analysed.run.overlay);
  if (llvm::Error error =
          extractUnits(options, prepared.commands, /*recordInputs=*/false, cache, nullptr, analysed.run))
    return error;
  if (llvm::Error error = analyse(analysed.run, options.jobs))
    return error;
  analysed.run.unasked = unaskedRules(options, analysed.run);
  analysed.findings = suppress(judge(analysed.run), analysed.run).findings;
  return llvm::Error::success();
}

FindingSubject subjectOf(const Finding &finding) {
  return {finding.rule, finding.place.file, finding.function, finding.sink};
}

void printDiff(const std::vector<MigratedFile> &files, llvm::raw_ostream &out) {
  for (const MigratedFile &file : files)
    out << unifiedDiff(file.file, file.before, file.after);
}

llvm::Error writeWhole(const std::string &path, const std::string &text) {
  return llvm::writeToOutput(path, [&](llvm::raw_ostream &out) {
    out << text;
    return llvm::Error::success();
  });
}

llvm::Error writeFiles(const std::string &tree, const std::vector<MigratedFile> &files) {
  for (const MigratedFile &file : files)
    if (llvm::Error error = writeWhole(tree + "/" + file.file, file.after))
      return error;
  return llvm::Error::success();
}

} // namespace bhlint
