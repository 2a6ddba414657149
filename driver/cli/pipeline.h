// Pipeline: the flat list of stages, from compile commands to findings. No analysis lives here.
#pragma once

#include "analysis/cache/digest.h"
#include "analysis/extract/extract.h"
#include "analysis/program/contexts.h"
#include "analysis/program/learned.h"
#include "driver/cli/isolate.h"
#include "driver/cli/overlay.h"
#include "driver/cli/stage_clock.h"
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
  std::string database;           ///< folder with compile_commands.json, or the file
  std::vector<std::string> paths; ///< files and folders of the tree; empty = all units
  std::string tree;               ///< empty: what the database says
  std::string overlay;            ///< files below it replace those of the tree; empty = none
  Overlay editorTexts;            ///< what an editor has and the disk hasn't; before `overlay`
  std::string rules;              ///< folder
  std::string profile;            ///< of the rules: another kind of kernel; empty: none
  std::string learned;            ///< file of learned contracts; empty: the one in `rules` for the tree's version
  bool useLearned = true;
  unsigned jobs = 0; ///< 0 = one per core
  bool useCache = true;
  bool useResults = true;                ///< findings of earlier runs, where there is a cache
  std::string cacheFolder;               ///< empty: no cache
  std::uint64_t cacheBytes = 8ull << 30; ///< the cache is kept below that
  static constexpr unsigned preludeShare = 4; ///< of it, a quarter is for preludes
  std::uint64_t factBytes() const { return cacheBytes - cacheBytes / preludeShare; } ///< and this for the rest
  bool usePrelude = true;
  UnitLimits limits; ///< with any, each unit is parsed in a process of its own, and without a prelude
  /// Opt-in rules that are to speak beside those that are on, and those that settings of the units' folders turn on. Of
  /// the others nothing is computed. Nothing: all rules, whether on or off.
  std::optional<std::vector<std::string>> enabled;
  bool showStages = false;             ///< what each stage cost, at the end
  std::vector<std::string> facts;      ///< shards, or folders with some: facts come from there, and nothing is parsed
  std::function<bool()> isInterrupted; ///< asked between units, from any thread; null: never
};

struct ExtractedUnit {
  std::string packed; ///< facts, by packFacts(); empty: it failed
  std::string file;   ///< relative to the tree
  std::string error;  ///< empty: parsed without errors
  bool usedPrelude = false;
  bool isFromCache = false;
};

/// Everything that a command may want to look at, stage by stage. Filled in order; later stages need earlier ones.
struct Run {
  RuleSet rules;
  Digest rulesDigest; ///< of the files that they were read from
  std::string profile; ///< that they are of; empty: none
  std::string tree;
  Overlay overlay;
  std::vector<ExtractedUnit> units; ///< sorted by file
  TreeConstants constants;
  std::string kernelVersion; ///< "6.12.117" as the tree's Makefile says; empty: it says nothing
  std::unique_ptr<llvm::MemoryBuffer> learnedText; ///< the file of learned contracts that was chosen; null: none
  std::shared_ptr<const LearnedContracts> learned; ///< what it says, as soon as functions are linked
  std::unique_ptr<Program> program;
  std::unique_ptr<CallResolver> resolver;
  std::unique_ptr<Summaries> summaries;
  std::unique_ptr<ContextMap> contexts;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
  unsigned preludesBuilt = 0, preludesFound = 0; ///< the latter in the cache
  StageClock clock;
  std::vector<CheckerCost> checkerCosts; ///< empty: the findings were known
  std::vector<std::string> unasked;      ///< rules that nobody wants to hear of, sorted; see RunOptions::enabled
};

struct ProgressState {
  std::size_t done = 0;
  std::size_t total = 0;
  std::size_t failed = 0;
  std::size_t cached = 0; ///< of those that are done
};
using Progress = std::function<void(const ProgressState &)>;
/// Told what goes wrong without stopping the run, from any thread.
using Warning = std::function<void(llvm::StringRef)>;

class UnitCache; // unit_cache.h

/// A run before any unit was looked at: rules, tree and its constants; and the commands of the units at hand.
struct PreparedRun {
  PreparedRun();
  PreparedRun(PreparedRun &&) noexcept;
  ~PreparedRun();

  Run run;
  std::vector<CompileCommand> commands;
  std::unique_ptr<UnitCache> cache;
};
llvm::Expected<PreparedRun> prepareRun(const RunOptions &options, const Warning &warn);

/// A run on `tree` with its rules and what depends on the kernel's version; constants and units are still to come.
llvm::Expected<Run> beginRun(const RunOptions &options, std::string tree);

/// A run of one unit, whose command comes from nowhere but the caller: options.database is not looked at.
llvm::Expected<Run> extractOne(const RunOptions &options, const CompileCommand &command, const Warning &warn);

/// The rules in the folder, or all that is wrong with them. `digest`: of all files that were read. `profile`: empty, none.
llvm::Expected<RuleSet> readRules(const std::string &folder, Digest &digest, const std::string &profile = {});

/// Fills run.units with the facts of `commands`: from the cache, else by parsing. Units that fail are kept with their
/// error. `cache.inputs()` knows afterwards every file that was read when `recordInputs` says so. Fails when it is
/// interrupted.
llvm::Error extractUnits(const RunOptions &options, llvm::ArrayRef<CompileCommand> commands, bool recordInputs,
                         UnitCache &cache, const Progress &progress, Run &run);

/// The constants of the tree that the rules ask for.
std::vector<ConstantQuery> constantsIn(const RuleSet &rules);

/// The unit as the extractor is asked for it; without a prelude.
ExtractRequest requestFor(const CompileCommand &command, llvm::StringRef tree);

/// "6.12.117", as the tree's Makefile says; empty: it says nothing.
std::string readKernelVersion(llvm::StringRef tree, llvm::vfs::FileSystem &files);

/// What depends on run.kernelVersion: which rows of the rules hold, and which file says what was learned of functions
/// outside the units.
llvm::Error chooseForVersion(const RunOptions &options, llvm::vfs::FileSystem &files, Run &run);

/// Reads that file, if it was not. Large, and only needed where functions are linked.
llvm::Error readLearnedContracts(Run &run);

/// Names what extracts: facts of another one are not ours.
std::string extractorName();

/// Rules, database and units; or rules and the shards that options.facts names. Only what makes the whole run
/// impossible is an Error.
llvm::Expected<Run> extractAll(const RunOptions &options, const Progress &progress, const Warning &warn);
/// Links and summarises. Unit facts are used up. Fails when the learned contracts are unusable.
llvm::Error summarise(Run &run, unsigned jobs);

/// What somebody wants to have done meanwhile, on another thread: as soon as there is a program, and then as soon as
/// there are summaries and roots. Null: nothing.
struct Companion {
  std::function<void()> onLinked;
  std::function<void(llvm::ArrayRef<ContextRoot>)> onSummarised;
};
/// All of that, and contexts. The companion is done when this returns. What it does counts for the stage that is on.
llvm::Error analyse(Run &run, const Workers &workers, const Companion &companion = {});

} // namespace bhlint
