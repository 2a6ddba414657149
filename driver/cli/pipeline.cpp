#include "driver/cli/pipeline.h"

#include "analysis/ruleset/load.h"
#include "driver/cli/preludes.h"
#include "driver/kbuild/sanitize.h"

#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

#include <atomic>
#include <mutex>

namespace bhlint {

namespace {

llvm::Error failure(const std::string &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

ExtractRequest requestFor(const CompileCommand &command, llvm::StringRef tree) {
  CompileCommand sane = sanitizeCommand(command);
  ExtractRequest request;
  request.directory = sane.directory;
  request.file = sane.file;
  request.treeRoot = tree.str();
  request.arguments = std::move(sane.arguments);
  request.arguments.pop_back(); // the input, by sanitizeCommand()'s contract the last one
  return request;
}

/// One unit, with whatever Clang may do to the process kept inside it.
ExtractedUnit extractOne(const ExtractRequest &request, std::string file,
                         llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  ExtractedUnit unit;
  unit.file = std::move(file);
  llvm::CrashRecoveryContext recovery;
  constexpr unsigned stackSize = 64u << 20; // deeply nested initialisers recurse
  bool survived = recovery.RunSafelyOnThread(
      [&] {
        ExtractResult result = extractUnit(request, std::move(files));
        unit.usedPrelude = result.usedPrelude;
        unit.facts = std::move(result.facts);
        if (result.errors != 0)
          unit.error = result.firstError.empty() ? "Clang reported an error" : result.firstError;
      },
      stackSize);
  if (!survived) {
    unit.facts = {};
    unit.error = "the parser crashed on this unit";
  }
  return unit;
}

TreeConstants readConstants(const RuleSet &rules, llvm::ArrayRef<CompileCommand> commands, llvm::StringRef tree,
                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  std::vector<ConstantQuery> queries;
  for (const TreeConstant &constant : rules.constants)
    queries.push_back({constant.name, constant.header});
  return extractConstants(requestFor(commands.front(), tree), queries, std::move(files));
}

} // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> openFiles(llvm::StringRef tree, llvm::StringRef overlay) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
  if (overlay.empty())
    return real;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  std::error_code error;
  llvm::SmallString<256> root(overlay);
  llvm::sys::fs::make_absolute(root);
  for (llvm::sys::fs::recursive_directory_iterator entry(root, error), end; entry != end && !error;
       entry.increment(error)) {
    if (entry->type() != llvm::sys::fs::file_type::regular_file)
      continue;
    auto content = llvm::MemoryBuffer::getFile(entry->path());
    if (!content)
      continue;
    llvm::SmallString<256> target(tree);
    llvm::sys::path::append(target, llvm::StringRef(entry->path()).drop_front(root.size()));
    memory->addFile(target, 0, std::move(*content));
  }
  auto overlaid = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(real);
  overlaid->pushOverlay(memory);
  return overlaid;
}

llvm::Expected<Run> extractAll(const RunOptions &options, const Progress &progress) {
  Run run;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
  LoadResult rules = loadRuleSet(*real, options.rules);
  if (!rules.errors.empty()) {
    std::string message;
    for (const RuleError &error : rules.errors)
      message += formatRuleError(error) + "\n";
    return failure(message + "the rules in " + options.rules + " are not usable");
  }
  run.rules = std::move(rules.rules);

  llvm::Expected<CompileDatabase> database = readCompileDatabase(*real, options.database);
  if (!database)
    return database.takeError();
  if (!options.tree.empty())
    database->tree = absolutePath("/", options.tree);
  llvm::Expected<std::vector<CompileCommand>> commands = selectCommands(*database, options.paths);
  if (!commands)
    return commands.takeError();
  if (commands->empty())
    return failure("the compile database " + options.database + " has no C unit");
  run.tree = database->tree;
  run.files = openFiles(run.tree, options.overlay);
  run.constants = readConstants(run.rules, *commands, run.tree, run.files);

  std::vector<ExtractRequest> requests;
  for (const CompileCommand &command : *commands)
    requests.push_back(requestFor(command, run.tree));
  PreludeFolder preludeFolder;
  if (options.usePrelude)
    choosePreludes(requests, preludeFolder.path(), options.jobs, run.files);

  llvm::CrashRecoveryContext::Enable();
  run.units.resize(commands->size());
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(options.jobs));
  std::mutex mutex;
  std::size_t done = 0, failed = 0;
  for (std::size_t i = 0; i < commands->size(); ++i)
    pool.async([&, i] {
      // Each thread has a view of its own: a physical file system may be shared, its working directory may not.
      run.units[i] = extractOne(requests[i], relativeToTree((*commands)[i].path(), run.tree),
                                openFiles(run.tree, options.overlay));
      std::lock_guard lock(mutex);
      ++done;
      failed += !run.units[i].error.empty();
      if (progress)
        progress(done, run.units.size(), failed);
    });
  pool.wait();
  return run;
}

void analyse(Run &run) {
  std::vector<facts::UnitFacts> units;
  for (ExtractedUnit &unit : run.units)
    units.push_back(std::move(unit.facts));
  run.program = std::make_unique<Program>(link(std::move(units), run.rules, run.constants));
  run.resolver = std::make_unique<CallResolver>(*run.program);
  run.summaries = std::make_unique<Summaries>(summarize(*run.program, *run.resolver));
  run.contexts = std::make_unique<ContextMap>(inferContexts(*run.program, *run.resolver, *run.summaries));
}

} // namespace bhlint
