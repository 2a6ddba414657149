#include "analysis/migrate/apply.h"

#include "llvm/ADT/SmallVector.h"
#include <dtl/dtl.hpp>

#include <sstream>

namespace bhlint {

static std::vector<std::string> linesOf(llvm::StringRef text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const bool isWhole = end != llvm::StringRef::npos;
    lines.push_back(text.take_front(end).str() + (isWhole ? "" : "\n\\ No newline at end of file"));
    text = isWhole ? text.drop_front(end + 1) : llvm::StringRef();
  }
  return lines;
}

std::string unifiedDiff(llvm::StringRef name, llvm::StringRef before, llvm::StringRef after) {
  if (before == after)
    return {};
  const std::vector<std::string> oldLines = linesOf(before), newLines = linesOf(after);
  dtl::Diff<std::string> diff(oldLines, newLines);
  diff.onHuge();
  diff.compose();
  diff.composeUnifiedHunks();
  std::ostringstream hunks;
  diff.printUnifiedFormat(hunks);
  return ("--- a/" + name + "\n+++ b/" + name + "\n").str() + hunks.str();
}

} // namespace bhlint
