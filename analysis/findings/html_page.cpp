#include "analysis/findings/html_page.h"

#include "analysis/embedded_file.h"
#include "analysis/findings/escape.h"

#include "llvm/Support/Base64.h"
#include "llvm/Support/SHA256.h"

#include <cassert>

namespace bhlint {

namespace {

BHLINT_EMBED(pageStyle, BHLINT_HTML_DIR "/page.css")
BHLINT_EMBED(pageScript, BHLINT_HTML_DIR "/page.js")

std::string policyFor(llvm::StringRef script) {
  auto digest = llvm::SHA256::hash(llvm::ArrayRef(script.bytes_begin(), script.size()));
  return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
         llvm::encodeBase64(digest) + "'";
}

/// Fills in a placeholder. The texts that are put in come from this program, not from the tree.
void fill(std::string &markup, llvm::StringRef name, llvm::StringRef text) {
  const std::string placeholder = ("{{" + name + "}}").str();
  const std::size_t at = markup.find(placeholder);
  assert(at != std::string::npos && "the page lacks a placeholder");
  markup.replace(at, placeholder.size(), text.str());
}

} // namespace

HtmlFrame frameOf(const HtmlPage &page) {
  std::string text = page.markup.str();
  const std::string script = (pageScript() + page.script).str();
  fill(text, "policy", policyFor(script));
  fill(text, "style", pageStyle());
  fill(text, "script", script);
  const llvm::StringRef placeholder = "{{data}}";
  const std::size_t at = text.find(placeholder);
  assert(at != std::string::npos && "the page has no place for data");
  return {text.substr(0, at), text.substr(at + placeholder.size())};
}

void writeData(llvm::StringRef id, llvm::function_ref<void(llvm::json::OStream &)> write, llvm::raw_ostream &out) {
  std::string text;
  llvm::raw_string_ostream buffer(text);
  llvm::json::OStream json(buffer);
  write(json);
  out << "<script type=\"application/json\" id=\"" << id << "\">";
  // In JSON a `<` only stands in strings, where it may be written so: nothing can end or open an element.
  for (llvm::StringRef rest = text; !rest.empty();) {
    const std::size_t plain = std::min(rest.find('<'), rest.size());
    out << rest.take_front(plain);
    rest = rest.drop_front(plain);
    if (!rest.empty()) {
      out << "\\u003c";
      rest = rest.drop_front();
    }
  }
  out << "</script>\n";
}

void writeText(llvm::json::OStream &json, llvm::StringRef key, llvm::StringRef text) {
  json.attribute(key, escapeForTerminal(text));
}

} // namespace bhlint
