#include "analysis/findings/source_text.h"

#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/JSON.h"

namespace bhlint {

llvm::StringRef lineOf(llvm::StringRef text, unsigned line) {
  for (; line > 1 && !text.empty(); --line)
    text = text.split('\n').second;
  return text.split('\n').first.rtrim('\r');
}

Character characterAt(llvm::StringRef text) {
  const std::size_t size = llvm::getNumBytesForUTF8(static_cast<llvm::UTF8>(text.front()));
  const bool isWhole = size > 1 && size <= text.size() && llvm::json::isUTF8(text.take_front(size));
  return isWhole ? Character{size, size == 4 ? 2u : 1u} : Character();
}

unsigned characterColumn(llvm::StringRef line, unsigned byteColumn) {
  unsigned column = 1;
  std::size_t at = 0;
  for (; at < line.size() && at + 1 < byteColumn; ++column)
    at += characterAt(line.drop_front(at)).bytes;
  return at + 1 < byteColumn ? column + byteColumn - static_cast<unsigned>(at) - 1 : column;
}

void countCharacters(std::vector<Finding> &findings, SourceReader read) {
  auto count = [&](SourcePlace &place) {
    if (place.line != 0 && place.column != 0)
      if (std::optional<llvm::StringRef> text = read(place.file))
        place.column = characterColumn(lineOf(*text, place.line), place.column);
  };
  for (Finding &finding : findings) {
    count(finding.place);
    count(finding.root.place);
    for (ChainStep &step : finding.chain)
      count(step.place);
    for (OtherSink &other : finding.otherSinks)
      count(other.place);
    if (finding.introduced)
      count(finding.introduced->place);
  }
}

} // namespace bhlint
