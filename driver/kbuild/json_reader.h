// The entries of a compile_commands.json, as compile_database.cpp and database_index.cpp read them.
#pragma once

#include "driver/kbuild/compile_database.h"

#include "llvm/Support/MemoryBuffer.h"

#include <optional>

namespace bhlint {

/// A text that simdjson can read: it reads a little beyond the end.
struct PaddedText {
  std::unique_ptr<llvm::WritableMemoryBuffer> buffer;
  std::size_t size = 0;

  static PaddedText copyOf(llvm::StringRef text, const llvm::Twine &name);
  llvm::StringRef text() const { return {buffer->getBufferStart(), size}; }
};

/// All entries, of any language. `name`: the file, for errors; relative directories are relative to `folder`.
llvm::Expected<std::vector<RecordedUnit>> readJsonEntries(llvm::StringRef name, const PaddedText &text,
                                                          llvm::StringRef folder);

/// The only entry of a text; nothing when it isn't one.
std::optional<RecordedUnit> readJsonEntry(const PaddedText &text, llvm::StringRef folder);

/// "file:line:column" of a place in a text.
std::string locate(llvm::StringRef name, llvm::StringRef text, const char *place);

} // namespace bhlint
