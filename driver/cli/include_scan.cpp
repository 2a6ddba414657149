#include "driver/cli/include_scan.h"

namespace bhlint {

IncludedFiles scanIncludes(llvm::StringRef text) {
  IncludedFiles headers;
  unsigned depth = 0;
  bool isFirst = true, hasGuard = false;
  while (!text.empty()) {
    llvm::StringRef line;
    std::tie(line, text) = text.split('\n');
    line = line.ltrim();
    if (!line.consume_front("#"))
      continue;
    line = line.ltrim();
    if (line.starts_with("if")) {
      // The first directive of a header asks whether it has been here before.
      if (isFirst && line.starts_with("ifndef"))
        hasGuard = true;
      else
        ++depth;
    } else if (line.starts_with("endif") && depth > 0) {
      --depth;
    } else if (line.starts_with("endif") && hasGuard) {
      hasGuard = false;
    } else if (depth == 0 && line.consume_front("include")) {
      line = line.ltrim();
      if (line.consume_front("<") && line.contains('>'))
        headers.system.push_back(line.split('>').first.str());
      else if (line.consume_front("\"") && line.contains('"')) {
        headers.startsWithOwn |= headers.system.empty();
        headers.own.push_back(line.split('"').first.str());
      }
    }
    isFirst = false;
  }
  return headers;
}

} // namespace bhlint
