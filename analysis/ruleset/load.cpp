#include "analysis/ruleset/load.h"

#include "analysis/ruleset/compile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <tuple>

namespace bhlint {

namespace {

/// Rule files are some hundred kilobytes; what is far beyond is a mistake (a device, a core dump), not a rule.
constexpr std::uint64_t maxFileSize = 16u << 20;

std::vector<std::string> yamlFiles(llvm::vfs::FileSystem &files, llvm::StringRef folder,
                                   std::vector<RuleError> &errors) {
  std::vector<std::string> paths;
  std::error_code error;
  for (llvm::vfs::directory_iterator entry = files.dir_begin(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const llvm::StringRef name = llvm::sys::path::filename(entry->path());
    if (entry->type() != llvm::sys::fs::file_type::directory_file && name.ends_with(".yaml") && !name.starts_with("."))
      paths.push_back(entry->path().str());
  }
  if (error)
    report(errors, {folder.str(), 0, 0}, llvm::Twine("cannot read this folder: ") + error.message());
  llvm::sort(paths);
  return paths;
}

/// Nullopt: it is reported.
std::optional<RuleSource> readFile(llvm::vfs::FileSystem &files, const std::string &path, FileObserver observe,
                                   std::vector<RuleError> &errors) {
  auto buffer = files.getBufferForFile(path);
  if (!buffer) {
    report(errors, {path, 0, 0}, llvm::Twine("cannot read this file: ") + buffer.getError().message());
    return std::nullopt;
  }
  if ((*buffer)->getBufferSize() > maxFileSize) {
    report(errors, {path, 0, 0}, "this file is too large for a rule file");
    return std::nullopt;
  }
  if (observe)
    observe(path, (*buffer)->getBuffer());
  const std::size_t errorCount = errors.size();
  RuleSource source = readSource((*buffer)->getBuffer(), path, errors);
  // What follows a syntax error is missing, so that to compile the rest would only add wrong errors.
  return errors.size() == errorCount ? std::optional(std::move(source)) : std::nullopt;
}

std::vector<RuleSource> readSources(llvm::vfs::FileSystem &files, llvm::StringRef folder, FileObserver observe,
                                    std::vector<RuleError> &errors) {
  std::vector<RuleSource> sources;
  for (const std::string &path : yamlFiles(files, folder, errors))
    if (std::optional<RuleSource> source = readFile(files, path, observe, errors))
      sources.push_back(std::move(*source));
  return sources;
}

} // namespace

std::optional<RuleSource> loadRuleFile(llvm::vfs::FileSystem &files, llvm::StringRef folder, llvm::StringRef name,
                                       std::vector<RuleError> &errors) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, name);
  return readFile(files, path.str().str(), {}, errors);
}

LoadResult loadRuleSet(llvm::vfs::FileSystem &files, llvm::StringRef folder, FileObserver observe) {
  LoadResult result;
  llvm::SmallString<256> contractFolder(folder);
  llvm::sys::path::append(contractFolder, "contracts");
  const std::vector<RuleSource> ruleSources = readSources(files, folder, observe, result.errors);
  const std::vector<RuleSource> contractSources = readSources(files, contractFolder, observe, result.errors);

  const ContextGroups groups = compileContextGroups(contractSources, result.errors);
  std::vector<FlagUse> flagUses;
  for (const RuleSource &source : contractSources)
    compileContracts(source, groups, result.rules, flagUses, result.errors);
  for (const RuleSource &source : ruleSources)
    if (llvm::sys::path::filename(source.file) == "advice.yaml")
      compileAdvice(source, groups, result.rules, result.errors);
    else if (llvm::sys::path::filename(source.file) == "calibration.yaml")
      compileCalibration(source, result.rules, result.errors);
    else if (llvm::sys::path::filename(source.file) == "observe.yaml")
      compileTraceSpans(source, result.rules, result.errors);
    else
      compileRule(source, result.rules, result.errors);
  checkRuleSet(result.rules, flagUses, result.errors);

  std::stable_sort(result.errors.begin(), result.errors.end(), [](const RuleError &a, const RuleError &b) {
    return std::tie(a.where.file, a.where.line, a.where.column, a.message) <
           std::tie(b.where.file, b.where.line, b.where.column, b.message);
  });
  return result;
}

std::string formatRuleError(const RuleError &error) {
  std::string text;
  if (!error.where.file.empty())
    text = error.where.file + ":";
  if (error.where.line != 0)
    text += std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + ":";
  return text + (text.empty() ? "error: " : " error: ") + error.message;
}

} // namespace bhlint
