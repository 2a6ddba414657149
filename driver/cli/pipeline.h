// Pipeline: the flat list of stages, from compile commands to findings. No analysis lives here.
#pragma once

#include "analysis/extract/extract.h"
#include "analysis/program/contexts.h"
#include "analysis/program/learned.h"
#include "driver/kbuild/compile_database.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bhlint {

/// What a run is asked to do; filled from the command line.
struct RunOptions {
  std::string database;             ///< folder with compile_commands.json, or the file
  std::vector<std::string> paths;   ///< files and folders of the tree; empty = all units
  std::string tree;                 ///< empty: what the database says
  std::string overlay;              ///< files below it replace those of the tree; empty = none
  std::string rules;                ///< folder
  std::string learned;              ///< file of learned contracts; empty: the one in `rules` for the tree's version
  bool useLearned = true;
  unsigned jobs = 0;                ///< 0 = one per core
  bool useCache = true;
  std::string cacheFolder;          ///< empty: no cache
  std::uint64_t cacheBytes = 8ull << 30; ///< the cache is kept below that
  bool usePrelude = true;
};

/// Absolute path -> contents that stand for it.
using Overlay = std::vector<std::pair<std::string, std::string>>;

struct ExtractedUnit {
  facts::UnitFacts facts;
  std::string file;                 ///< relative to the tree
  std::string error;                ///< empty: parsed without errors
  bool usedPrelude = false;
  bool isFromCache = false;
};

/// Everything that a command may want to look at, stage by stage. Filled in order; later stages need earlier ones.
struct Run {
  RuleSet rules;
  std::string tree;
  Overlay overlay;
  std::vector<ExtractedUnit> units; ///< sorted by file
  TreeConstants constants;
  std::string kernelVersion;        ///< "6.12.117" as the tree's Makefile says; empty: it says nothing
  std::unique_ptr<LearnedContracts> learned;
  std::unique_ptr<Program> program;
  std::unique_ptr<CallResolver> resolver;
  std::unique_ptr<Summaries> summaries;
  std::unique_ptr<ContextMap> contexts;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
};

using Progress = std::function<void(std::size_t done, std::size_t total, std::size_t failed)>;

/// The files below `folder`, under the paths of the tree that they stand for.
Overlay readOverlay(llvm::StringRef tree, llvm::StringRef folder);

/// The file system that a run sees: the real one, with `overlay` on top. `overlay` must outlive it.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> openFiles(const Overlay &overlay);

/// Rules, database and units. Units that fail are kept with their error; only what makes the whole run impossible
/// is an Error.
/// `warn` is told what goes wrong without stopping the run, from any thread.
llvm::Expected<Run> extractAll(const RunOptions &options, const Progress &progress,
                               const std::function<void(llvm::StringRef)> &warn);
/// Links and summarises. Unit facts are used up.
void summarise(Run &run);
/// All of that, and contexts.
void analyse(Run &run);

} // namespace bhlint
