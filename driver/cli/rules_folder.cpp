#include "driver/cli/rules_folder.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstdlib>

namespace bhlint {

namespace path = llvm::sys::path;

llvm::Expected<std::string> findRules(llvm::StringRef given, llvm::StringRef program) {
  if (!given.empty())
    return given.str();
  if (const char *variable = std::getenv("BHLINT_RULES"); variable && *variable)
    return std::string(variable);
  // An installation; CMakeLists.txt makes a build folder look like one.
  llvm::SmallString<256> folder(path::parent_path(program));
  path::append(folder, "../share/bhlint/rules");
  path::remove_dots(folder, /*remove_dot_dot=*/true);
  if (llvm::sys::fs::is_directory(folder))
    return folder.str().str();
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "no rules in " + folder.str() + "; name their folder with --rules or $BHLINT_RULES");
}

} // namespace bhlint
