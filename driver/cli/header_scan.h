// HeaderScan: which headers units include, read off their text (include_scan.h).
#pragma once

#include "analysis/extract/extract.h"
#include "driver/cli/include_scan.h"

#include "llvm/ADT/StringMap.h"

#include <mutex>

namespace bhlint {

struct UnitHeaders {
  /// <...> headers, also by way of the headers that lie beside the unit: some drivers include nothing else.
  std::vector<std::string> system;
  /// The "..." headers of the unit itself, in its order and as Clang opens them, when it begins with one. What comes
  /// first often defines macros (`DEBUG`) that the headers after it look at. Empty where paths are not absolute.
  std::vector<std::string> leading;
};

/// From any thread; each file is read once.
class HeaderScan {
public:
  explicit HeaderScan(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) : files(std::move(files)) {}

  UnitHeaders headersOf(const ExtractRequest &request, const std::string &unit);

private:
  std::shared_ptr<const IncludedFiles> read(const std::string &path);
  std::string locate(const std::string &name, llvm::StringRef includer, llvm::ArrayRef<std::string> folders,
                     llvm::StringRef directory);

  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
  std::mutex mutex;
  llvm::StringMap<std::shared_ptr<const IncludedFiles>> scanned; ///< null: not there
};

} // namespace bhlint
