#include "driver/fix/replacements.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

static std::pair<unsigned, unsigned> lineAndColumn(llvm::StringRef text, unsigned offset) {
  const llvm::StringRef before = text.take_front(offset);
  const llvm::StringRef line = before.drop_front(before.rfind('\n') + 1);
  const auto isContinued = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
  }; // of a character in UTF-8
  return {static_cast<unsigned>(before.count('\n')) + 1,
          static_cast<unsigned>(line.size() - llvm::count_if(line, isContinued)) + 1};
}

std::vector<Replacement> replacementsOf(const std::vector<TextEdit> &edits, llvm::StringRef text) {
  std::vector<Replacement> replacements;
  for (const TextEdit &edit : edits) {
    const auto [line, column] = lineAndColumn(text, edit.span.begin);
    const auto [endLine, endColumn] = lineAndColumn(text, edit.span.end);
    replacements.push_back({edit.span.file, edit.span.begin, edit.span.end - edit.span.begin, line, column, endLine,
                            endColumn, edit.text});
  }
  return replacements;
}

} // namespace bhlint
