// Preludes for a run: which headers the units at hand share, one precompiled header per kind of command and part of the
// tree, and which unit uses which. Choosing is here; what a prelude is and when it is exact is
// analysis/extract/prelude.h, and how those of earlier runs are found is prelude_store.h.
#pragma once

#include "driver/cli/prelude_store.h"

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

using PreludePtr = std::shared_ptr<const PreludeImage>;

/// What a run builds preludes with. Used by any thread.
class PreludeWorkshop {
public:
  /// `folder`: for their files. `store`: null, nothing is kept.
  PreludeWorkshop(llvm::ArrayRef<ExtractRequest> requests, std::string folder, PreludeStore *store)
      : requests(requests), store(store), folder(std::move(folder)) {}

  const llvm::ArrayRef<ExtractRequest> requests; ///< all of the run
  PreludeStore *const store;

  /// Null when none of the headers parses.
  PreludePtr build(const ExtractRequest &request, std::vector<std::string> headers, const std::string &name,
                   llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);
  /// One of an earlier run; null: it is gone, or lacks many of `headers`.
  PreludePtr load(const std::optional<Digest> &name, const CommandShape &shape, llvm::ArrayRef<std::string> headers);
  /// For later runs, if this one has built it.
  void keep(const PreludePtr &image, const PreludePlace &place, const CommandShape &shape,
            const ExtractRequest &request);

  unsigned builtCount() const { return static_cast<unsigned>(built); }
  unsigned foundCount() const { return static_cast<unsigned>(found.size()); }

private:
  const std::string folder;
  std::atomic<unsigned> built = 0;
  std::mutex foundMutex;
  std::set<std::string> found; ///< Prelude::pch
};

/// Preludes of the headers that many units of a run include, in whatever part of the tree, for commands that differ in
/// nothing but macros.
class CommonPreludes {
public:
  std::vector<std::string> headers; ///< most used first
  PreludePlace place;
  unsigned number = 0; ///< of its own, for the names of files

  /// Units with these macros that will ask, since nothing else is for them.
  void addUnits(const std::vector<std::string> &macros, std::size_t count);

  /// The one for such commands, made when nobody has it; null: none pays, or none can be made. From any thread.
  /// `units`: how many want it, if more than those of addUnits().
  PreludePtr preludeFor(const CommandShape &shape, const ExtractRequest &request, PreludeWorkshop &workshop,
                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, std::size_t units = 0);

private:
  std::mutex mutex;
  std::vector<std::weak_ptr<const PreludeImage>> made;       ///< gone when no group uses it any more
  std::map<std::vector<std::string>, std::size_t> unitCount; ///< by macros
  std::set<std::vector<std::string>> failed, unsuitable;     ///< could not be built; an earlier run's was not for these
  unsigned count = 0;
};

/// Units of one part of the tree whose commands differ in nothing but macros. They are parsed one group after the
/// other, so that few precompiled headers are on disk at a time.
class PreludeGroup {
public:
  struct MacroSet {
    CommandShape shape;
    std::vector<std::size_t> units;
    std::optional<Digest> kept; ///< a prelude of an earlier run, for all of these
    PreludePtr prelude;         ///< after build(); null: none pays
    PreludePtr smaller;         ///< when a unit has needed it
    std::size_t clashes = 0;    ///< how many units did
  };
  std::vector<MacroSet> sets;             ///< largest first
  std::vector<std::string> headers;       ///< that the part wants, most used first
  PreludePlace place;                     ///< of its units
  std::shared_ptr<CommonPreludes> common; ///< shared with groups of other parts

  /// Precompiles what pays, and is not kept from an earlier run. Called once; `preludeOf()` waits for it. Keeps what
  /// was made, when the units can go on.
  void build(PreludeWorkshop &workshop, unsigned number, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);
  PreludePtr preludeOf(std::size_t set);
  /// For units that clash with what few others want: of the common headers alone. Made when several have asked. After
  /// preludeOf(), from any thread.
  PreludePtr smallerPreludeOf(std::size_t set);
  /// To be called after each unit; the last one lets go of the preludes.
  void finishUnit();
  std::size_t unitCount() const;

private:
  const ExtractRequest &exampleOf(const MacroSet &set) const { return workshop->requests[set.units.front()]; }
  PreludePtr partPrelude(const MacroSet &set, const std::string &name);

  PreludeWorkshop *workshop = nullptr; ///< of build()
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
  std::mutex smallerMutex;
  std::promise<void> built;
  std::shared_future<void> isBuilt{built.get_future()};
  std::atomic<std::size_t> finished = 0;
};

/// What Clang sees of one unit: the files of the run, and those of preludes that lie in memory. Of one thread at a
/// time.
class UnitView {
public:
  UnitView(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, bool hasStore);

  /// To be seen from now on. Null if it is.
  std::shared_ptr<const Prelude> open(const PreludePtr &image);
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files() const { return all; }

private:
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> all;
  llvm::IntrusiveRefCntPtr<llvm::vfs::InMemoryFileSystem> memory; ///< on top of them; null: no prelude is in memory
};

/// Groups of all requests, in an order that depends on nothing but them and what the store has.
std::vector<std::unique_ptr<PreludeGroup>> planPreludes(const PreludeWorkshop &workshop, unsigned jobs,
                                                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

} // namespace bhlint
