// JSON-RPC messages as the Language Server Protocol frames them, on two file descriptors. What they say is in server.h.
#pragma once

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>

namespace bhlint::lsp {

/// A client's bytes are input like any other: a message has at most so many, its header far fewer.
inline constexpr std::size_t mostMessageBytes = 64u << 20;

class MessageStream {
public:
  MessageStream(int input, llvm::raw_ostream &output) : input(input), output(output) {}

  /// The next message's text; empty at the end of the input. An error when there is no way to tell where the next
  /// begins.
  llvm::Expected<std::optional<std::string>> read();

  /// Whether something arrives within that time; what has ended counts.
  bool isReadable(int milliseconds);

  void write(const llvm::json::Value &message);

private:
  llvm::Expected<bool> fill(); ///< false: the end
  llvm::Expected<std::optional<std::size_t>> readHeader();

  int input;
  llvm::raw_ostream &output;
  std::string buffer;
};

} // namespace bhlint::lsp
