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

/// Units of one part of the tree whose commands differ in nothing but macros. They are parsed one group after the
/// other, so that few precompiled headers are on disk at a time.
class PreludeGroup {
public:
  struct MacroSet {
    CommandShape shape;
    std::vector<std::size_t> units;
    std::shared_ptr<const Prelude> prelude; ///< after build(); null: none pays
    std::size_t builtAs = 0;                ///< the set for whose commands it was made
  };
  std::vector<MacroSet> sets;       ///< largest first
  std::vector<std::string> headers; ///< candidates, most used first
  std::size_t commonHeaders = 0;    ///< of these, the first ones, which many of the units include

  /// Precompiles what pays. Called once; `preludeOf()` waits for it.
  void build(llvm::ArrayRef<ExtractRequest> requests, llvm::StringRef folder, unsigned number,
             llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);
  std::shared_ptr<const Prelude> preludeOf(std::size_t set);
  /// For units that clash with some header that few others want: of the common headers alone. Made for the first who
  /// asks; null where that would not pay. After preludeOf(), from any thread.
  std::shared_ptr<const Prelude> smallerPreludeOf(std::size_t set);
  /// To be called after each unit; the last one removes the files.
  void finishUnit();
  std::size_t unitCount() const;

private:
  struct Smaller {
    std::once_flag once;
    std::shared_ptr<const Prelude> prelude;
  };
  std::vector<std::string> common() const {
    return {headers.begin(), headers.begin() + static_cast<std::ptrdiff_t>(commonHeaders)};
  }

  llvm::ArrayRef<ExtractRequest> requests; ///< of build()
  std::string folder;
  unsigned number = 0;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
  std::map<std::size_t, Smaller> smaller; ///< by MacroSet::builtAs; filled by build()
  std::mutex pathsMutex;
  std::promise<void> built;
  std::shared_future<void> isBuilt{built.get_future()};
  std::atomic<std::size_t> finished = 0;
  std::vector<std::string> paths;
};

/// Groups of all requests, in an order that depends on nothing but them.
std::vector<std::unique_ptr<PreludeGroup>> planPreludes(llvm::ArrayRef<ExtractRequest> requests, unsigned jobs,
                                                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

} // namespace bhlint
