#include "analysis/findings/source_excerpt.h"

#include "analysis/findings/escape.h"

#include <algorithm>

namespace bhlint {

namespace {

constexpr unsigned linesBefore = 4, linesAfter = 2;
constexpr unsigned nearLines = 8;        ///< steps that are no further apart are shown in one piece
constexpr std::size_t mostColumns = 400; ///< of a line: generated code has longer ones
constexpr unsigned tabWidth = 8;

std::string shown(llvm::StringRef line) {
  std::string expanded;
  for (char c : line.take_front(mostColumns)) {
    if (c == '\t')
      expanded.append(tabWidth - expanded.size() % tabWidth, ' ');
    else if (c != '\r')
      expanded += c;
  }
  return escapeForTerminal(expanded);
}

/// Lines `first` to `last`, both 1-based and inclusive, as far as there are any.
std::vector<std::string> linesOf(llvm::StringRef text, unsigned first, unsigned last) {
  std::vector<std::string> result;
  for (unsigned number = 1; number <= last && !text.empty(); ++number) {
    auto [line, rest] = text.split('\n');
    if (number >= first)
      result.push_back(shown(line));
    text = rest;
  }
  return result;
}

bool belongsTo(const SourceExcerpt &excerpt, const ChainStep &step, unsigned last) {
  return excerpt.file == step.place.file && excerpt.function == step.function && step.place.line >= excerpt.firstLine &&
         step.place.line <= last + nearLines;
}

} // namespace

std::vector<SourceExcerpt> excerptsOf(const std::vector<ChainStep> &chain, SourceReader read) {
  std::vector<SourceExcerpt> excerpts;
  std::vector<unsigned> lasts; // the line of the last step of each
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const ChainStep &step = chain[i];
    if (excerpts.empty() || !belongsTo(excerpts.back(), step, lasts.back())) {
      const unsigned first = step.place.line > linesBefore ? step.place.line - linesBefore : 1;
      excerpts.push_back({step.place.file, step.function, first, {}, {}});
      lasts.push_back(0);
    }
    excerpts.back().steps.push_back(i);
    lasts.back() = std::max(lasts.back(), step.place.line);
  }
  for (std::size_t i = 0; i < excerpts.size(); ++i)
    if (std::optional<llvm::StringRef> text = read(excerpts[i].file); text && lasts[i] != 0)
      excerpts[i].lines = linesOf(*text, excerpts[i].firstLine, lasts[i] + linesAfter);
  return excerpts;
}

} // namespace bhlint
