// Places, file names and findings as the Language Server Protocol has them: lines from 0, columns in UTF-16, URIs.
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>

namespace bhlint::lsp {

std::string uriOf(llvm::StringRef path);
/// The absolute path of a file: URI; empty when it is none.
std::string pathOf(llvm::StringRef uri);

/// The UTF-16 column, from 0, of a byte column, from 1; and back to a byte offset.
unsigned utf16Column(llvm::StringRef line, unsigned byteColumn);
std::size_t byteOffset(llvm::StringRef line, unsigned utf16Column);

/// The C identifier at or just before the offset; empty when there is none.
llvm::StringRef identifierAt(llvm::StringRef line, std::size_t offset);

/// The text of a file of the tree, given as findings name it: what the editor has, else what the disk has.
using ReadText = llvm::function_ref<llvm::StringRef(llvm::StringRef file)>;
/// Its absolute path.
using AbsolutePath = llvm::function_ref<std::string(llvm::StringRef file)>;

/// From the place to the end of the identifier that stands there.
llvm::json::Value rangeOf(const SourcePlace &place, ReadText readText);

/// Of bytes of a text: from `offset`, `length` of them.
llvm::json::Value rangeOf(llvm::StringRef text, unsigned offset, unsigned length);

/// Whether two ranges of the protocol have a place in common; an empty one has its own.
bool doOverlap(const llvm::json::Object &a, const llvm::json::Object &b);

/// The edit of a finding as one of the protocol. `version`: of the document, for a client that takes versions.
llvm::json::Value workspaceEditOf(const FindingEdit &edit, ReadText readText, AbsolutePath absolutePath,
                                  std::optional<std::int64_t> version);

/// With the chain and the suggestion as related information.
llvm::json::Value diagnosticOf(const Finding &finding, ReadText readText, AbsolutePath absolutePath);

} // namespace bhlint::lsp
