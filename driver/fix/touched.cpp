#include "driver/fix/touched.h"

#include "analysis/migrate/thread_container.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

/// The function whose text the byte is in; empty: none that can be told.
static std::string functionAt(const CodeTokens &code, unsigned offset) {
  std::size_t token = 0;
  while (token < code.size() && code.end(token) <= offset)
    ++token;
  // A line that is put in begins behind one token and before another: one of the two may be outside.
  for (const std::size_t at : {token, token > 0 ? token - 1 : token})
    if (at < code.size())
      if (const auto function = definitionAround(code, at))
        if (code.begin(function->open) < offset && offset <= code.begin(function->close))
          return code.text(function->name).str();
  return {};
}

void TouchedCode::add(const Finding &finding, const CallEdit &edit, const Tokens &tokensOf) {
  functions.insert(finding.function);
  functions.insert(finding.root.function);
  for (const TextEdit &one : edit.edits) {
    const CodeTokens *code = tokensOf(one.span.file);
    const std::string function = code ? functionAt(*code, one.span.begin) : "";
    isAll = isAll || function.empty();
    functions.insert(function);
  }
}

bool TouchedCode::isOnWayOf(const Finding &finding) const {
  return isAll || finding.sinkKind == SinkKind::Other || finding.chain.empty() || isNamedBy(finding);
}

bool TouchedCode::isNamedBy(const Finding &finding) const {
  return functions.count(finding.function) || functions.count(finding.root.function) ||
         llvm::any_of(finding.chain, [&](const ChainStep &step) { return functions.count(step.function) != 0; });
}

} // namespace bhlint
