#include "driver/lsp/message_stream.h"

#include "llvm/Support/Errno.h"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace bhlint::lsp {

namespace {

constexpr std::size_t mostHeaderBytes = 4096;

} // namespace

llvm::Expected<bool> MessageStream::fill() {
  char chunk[1 << 14];
  for (;;) {
    const ssize_t size = ::read(input, chunk, sizeof chunk);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return llvm::createStringError("standard input: " + llvm::sys::StrError(errno));
    buffer.append(chunk, static_cast<std::size_t>(size));
    return size != 0;
  }
}

/// The length of the message that follows; nothing at the end of the input.
llvm::Expected<std::optional<std::size_t>> MessageStream::readHeader() {
  std::size_t end;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (buffer.size() > mostHeaderBytes)
      return llvm::createStringError(
          "standard input: no message of the Language Server Protocol begins here; an editor runs this");
    llvm::Expected<bool> isMore = fill();
    if (!isMore)
      return isMore.takeError();
    if (*isMore)
      continue;
    if (!buffer.empty())
      return llvm::createStringError("standard input: it ends within a message's header");
    return std::nullopt;
  }
  llvm::StringRef header = llvm::StringRef(buffer).take_front(end);
  std::optional<std::size_t> length;
  while (!header.empty()) {
    auto [line, rest] = header.split("\r\n");
    header = rest;
    auto [name, value] = line.split(':');
    std::size_t number = 0;
    if (name.equals_insensitive("Content-Length") && !value.trim().getAsInteger(10, number))
      length = number;
  }
  if (!length || *length > mostMessageBytes)
    return llvm::createStringError("standard input: a message's header has no Content-Length that is a number up to " +
                                   llvm::Twine(mostMessageBytes));
  buffer.erase(0, end + 4);
  return length;
}

llvm::Expected<std::optional<std::string>> MessageStream::read() {
  llvm::Expected<std::optional<std::size_t>> length = readHeader();
  if (!length)
    return length.takeError();
  if (!*length)
    return std::nullopt;
  while (buffer.size() < **length) {
    llvm::Expected<bool> isMore = fill();
    if (!isMore)
      return isMore.takeError();
    if (!*isMore)
      return llvm::createStringError("standard input: it ends within a message");
  }
  std::string text = buffer.substr(0, **length);
  buffer.erase(0, **length);
  return text;
}

bool MessageStream::isReadable(int milliseconds) {
  if (!buffer.empty())
    return true;
  pollfd wait{input, POLLIN, 0};
  return poll(&wait, 1, milliseconds) != 0;
}

void MessageStream::write(const llvm::json::Value &message) {
  std::string text;
  llvm::raw_string_ostream(text) << message;
  output << "Content-Length: " << text.size() << "\r\n\r\n" << text;
  output.flush();
}

} // namespace bhlint::lsp
