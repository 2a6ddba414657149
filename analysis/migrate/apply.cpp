#include "analysis/migrate/apply.h"

#include "clang/Format/Format.h"
#include "clang/Tooling/Core/Replacement.h"

namespace bhlint {

using namespace clang;
using llvm::StringRef;
using tooling::Range;
using tooling::Replacement;
using tooling::Replacements;

namespace {

constexpr unsigned widest = 80; ///< of a line that is left as it is, as the kernel's coding style has it

llvm::Error addEdits(std::vector<TextEdit> edits, StringRef path, Replacements &replacements) {
  llvm::sort(edits);
  edits.erase(std::unique(edits.begin(), edits.end()), edits.end());
  for (const TextEdit &edit : edits) {
    Replacement replacement(path, edit.span.begin, edit.span.end - edit.span.begin, edit.text);
    llvm::Error error = replacements.add(replacement);
    if (!error)
      continue;
    // Two insertions at one place, of two objects: in their order.
    if (edit.span.begin != edit.span.end)
      return error;
    llvm::consumeError(std::move(error));
    const unsigned at = replacements.getShiftedCodePosition(edit.span.begin);
    replacements = replacements.merge(Replacements(Replacement(path, at, 0, edit.text)));
  }
  return llvm::Error::success();
}

unsigned widthOf(StringRef line) {
  unsigned column = 0;
  for (char c : line)
    column = c == '\t' ? (column / 8 + 1) * 8 : column + 1;
  return column;
}

/// Statements that got too wide, or whose lines behind the first were aligned to what has moved.
std::vector<Range> rangesToLayOut(StringRef text, const std::vector<TextEdit> &edits, const Replacements &made) {
  std::vector<Range> ranges;
  for (const TextEdit &edit : edits) {
    if (edit.statementEnd == 0)
      continue;
    const unsigned begin = made.getShiftedCodePosition(edit.span.begin);
    const unsigned end = made.getShiftedCodePosition(edit.statementEnd);
    StringRef statement = text.slice(begin, end);
    const std::size_t lineBegin = text.take_front(begin).rfind('\n') + 1;
    const StringRef line = text.substr(lineBegin).take_until([](char c) { return c == '\n'; });
    if (statement.contains('\n') || widthOf(line) > widest)
      ranges.emplace_back(begin, end - begin);
  }
  return ranges;
}

} // namespace

llvm::Expected<std::string> applyEdits(const FileToEdit &file, llvm::vfs::FileSystem &files) {
  Replacements replacements;
  if (llvm::Error error = addEdits(file.edits, file.path, replacements))
    return error;
  llvm::Expected<std::string> edited = tooling::applyAllReplacements(file.text, replacements);
  if (!edited)
    return edited.takeError();
  std::vector<Range> ranges = rangesToLayOut(*edited, file.edits, replacements);
  if (!ranges.empty()) {
    llvm::Expected<format::FormatStyle> style = format::getStyle("file", file.path, "LLVM", *edited, &files);
    if (!style)
      return style.takeError();
    style->SortIncludes = format::FormatStyle::SI_Never;
    edited = tooling::applyAllReplacements(*edited, format::reformat(*style, *edited, ranges, file.path));
    if (!edited)
      return edited.takeError();
  }
  return file.header.empty() ? std::move(*edited) : withInclude(*edited, file.header);
}

} // namespace bhlint
