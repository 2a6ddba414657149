// Preludes for a run: which headers the units at hand share, one precompiled header per kind of command and part of the
// tree, and which unit uses which. Choosing is here; what a prelude is and when it is exact is
// analysis/extract/prelude.h.
#pragma once

#include "analysis/extract/prelude.h"

#include "llvm/ADT/ArrayRef.h"

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// A folder of its own for precompiled headers, gone with the object.
class PreludeFolder {
public:
  PreludeFolder();
  ~PreludeFolder();
  PreludeFolder(const PreludeFolder &) = delete;
  /// Empty when no folder could be made; the run then goes without preludes.
  const std::string &path() const { return folder; }

private:
  std::string folder;
};

/// Preludes of the headers that many units of a run include, in whatever part of the tree, for commands that differ in
/// nothing but macros.
class CommonPreludes {
public:
  std::vector<std::string> headers;                          ///< most used first
  std::map<std::vector<std::string>, std::size_t> unitCount; ///< by macros
  unsigned number = 0;                                       ///< of its own, for the names of files

  /// The one for such commands, made when nobody has it; null: none pays, or none can be made. From any thread.
  /// `mayMake`: else only one that somebody has.
  std::shared_ptr<const Prelude> preludeFor(const CommandShape &shape, const ExtractRequest &request,
                                            llvm::StringRef folder,
                                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, bool mayMake = true);

private:
  std::mutex mutex;
  std::vector<std::weak_ptr<const Prelude>> made; ///< gone when no group uses it any more
  std::set<std::vector<std::string>> failed;
  unsigned count = 0;
};

/// Units of one part of the tree whose commands differ in nothing but macros. They are parsed one group after the
/// other, so that few precompiled headers are on disk at a time.
class PreludeGroup {
public:
  struct MacroSet {
    CommandShape shape;
    std::vector<std::size_t> units;
    std::shared_ptr<const Prelude> prelude; ///< after build(); null: none pays
    std::shared_ptr<const Prelude> smaller; ///< when a unit has needed it
    std::size_t clashes = 0;                ///< how many units did
  };
  std::vector<MacroSet> sets;             ///< largest first
  std::vector<std::string> headers;       ///< that the part wants, most used first
  std::shared_ptr<CommonPreludes> common; ///< shared with groups of other parts

  /// Precompiles what pays. Called once; `preludeOf()` waits for it.
  void build(llvm::ArrayRef<ExtractRequest> requests, llvm::StringRef folder, unsigned number,
             llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);
  std::shared_ptr<const Prelude> preludeOf(std::size_t set);
  /// For units that clash with what few others want: of the common headers alone. Made when several have asked. After
  /// preludeOf(), from any thread.
  std::shared_ptr<const Prelude> smallerPreludeOf(std::size_t set);
  /// To be called after each unit; the last one lets go of the preludes.
  void finishUnit();
  std::size_t unitCount() const;

private:
  llvm::ArrayRef<ExtractRequest> requests; ///< of build()
  std::string folder;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
  std::mutex smallerMutex;
  std::promise<void> built;
  std::shared_future<void> isBuilt{built.get_future()};
  std::atomic<std::size_t> finished = 0;
};

/// Groups of all requests, in an order that depends on nothing but them.
std::vector<std::unique_ptr<PreludeGroup>> planPreludes(llvm::ArrayRef<ExtractRequest> requests, unsigned jobs,
                                                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

} // namespace bhlint
