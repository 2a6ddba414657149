// One self-contained HTML file: a template with its style and script in it, and data as JSON beside them.
//
// The page loads nothing, and its policy allows no script but the one that comes with it, known by its hash. Data are
// never part of the markup: they are JSON in which no `<` is left, and the script makes text nodes of them. To add a
// page: its markup and script, with those of html/report as the pattern.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace bhlint {

/// What is special to a page. `markup` says {{policy}}, {{style}}, {{script}} and {{data}}, each once; the style and
/// the beginning of the script are the same for all.
struct HtmlPage {
  llvm::StringRef markup, script;
};

/// What comes before and after the data.
struct HtmlFrame {
  std::string before, after;
};
HtmlFrame frameOf(const HtmlPage &page);

/// A script element that is not executed and holds `write`'s JSON under the given id.
void writeData(llvm::StringRef id, llvm::function_ref<void(llvm::json::OStream &)> write, llvm::raw_ostream &out);

/// An attribute with a text from the tree: valid UTF-8, and nothing invisible in it.
void writeText(llvm::json::OStream &json, llvm::StringRef key, llvm::StringRef text);

} // namespace bhlint
