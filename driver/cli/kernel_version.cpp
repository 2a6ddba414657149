// What a run takes from the kernel's version: the rows of the rules that hold, and the learned contracts.
#include "driver/cli/pipeline.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace bhlint {

/// VERSION, PATCHLEVEL and SUBLEVEL at the top of the tree's Makefile, joined by dots.
std::string readKernelVersion(llvm::StringRef tree, llvm::vfs::FileSystem &files) {
  auto makefile = files.getBufferForFile(tree + "/Makefile");
  if (!makefile)
    return {};
  std::string version;
  for (llvm::StringRef wanted : {"VERSION", "PATCHLEVEL", "SUBLEVEL"}) {
    llvm::StringRef rest = (*makefile)->getBuffer();
    for (llvm::StringRef line; !rest.empty();) {
      std::tie(line, rest) = rest.split('\n');
      auto [name, value] = line.split('=');
      unsigned number = 0;
      if (name.trim() != wanted || value.trim().getAsInteger(10, number))
        continue;
      version += (version.empty() ? "" : ".") + std::to_string(number);
      break;
    }
  }
  return version;
}

/// major*1000+minor of "6.12.117"; 0 = not a version.
static unsigned versionNumber(llvm::StringRef version) {
  auto [major, rest] = version.split('.');
  unsigned high = 0, low = 0;
  if (major.getAsInteger(10, high) || rest.split('.').first.getAsInteger(10, low))
    return 0;
  return high * 1000 + low;
}

constexpr llvm::StringLiteral learnedFolder = "kernel", learnedFile = "learned.json.gz";

/// The file for the tree's version, else for the newest one before it, else for the oldest.
static std::string chooseLearned(llvm::StringRef rules, unsigned version, llvm::vfs::FileSystem &files) {
  llvm::SmallString<256> folder(rules);
  llvm::sys::path::append(folder, learnedFolder);
  std::vector<std::pair<unsigned, std::string>> known;
  std::error_code error;
  for (llvm::vfs::directory_iterator entry = files.dir_begin(folder, error), end; entry != end && !error;
       entry.increment(error)) {
    llvm::SmallString<256> file(entry->path());
    llvm::sys::path::append(file, learnedFile);
    if (unsigned number = versionNumber(llvm::sys::path::filename(entry->path())); number && files.exists(file))
      known.emplace_back(number, file.str().str());
  }
  std::sort(known.begin(), known.end());
  std::string chosen;
  for (const auto &[number, file] : known)
    if (chosen.empty() || number <= version)
      chosen = file;
  return chosen;
}

static llvm::Error openLearned(const RunOptions &options, llvm::vfs::FileSystem &files, Run &run) {
  std::string path = options.learned;
  if (path.empty() && !run.kernelVersion.empty())
    path = chooseLearned(options.rules, versionNumber(run.kernelVersion), files);
  if (path.empty() || !options.useLearned)
    return llvm::Error::success();
  auto text = files.getBufferForFile(path);
  if (!text)
    return llvm::createStringError(text.getError(), path + ": " + text.getError().message());
  run.learnedText = std::move(*text);
  return llvm::Error::success();
}

llvm::Error chooseForVersion(const RunOptions &options, llvm::vfs::FileSystem &files, Run &run) {
  run.rules = forKernel(std::move(run.rules), versionNumber(run.kernelVersion));
  return openLearned(options, files, run);
}

llvm::Error readLearnedContracts(Run &run) {
  if (!run.learnedText || run.learned)
    return llvm::Error::success();
  llvm::Expected<LearnedContracts> learned =
      readLearned(run.learnedText->getBuffer(), run.learnedText->getBufferIdentifier());
  if (!learned)
    return learned.takeError();
  run.learned = std::make_shared<const LearnedContracts>(std::move(*learned));
  return llvm::Error::success();
}

} // namespace bhlint
