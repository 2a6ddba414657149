#include "driver/cli/trace_input.h"
#include "driver/cli/interrupt.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"

#include <chrono>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace bhlint {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t longestLine = 1u << 16;
constexpr int pollMilliseconds = 100; ///< how soon an interrupt is noticed

/// Splits what is read into lines.
class Lines {
public:
  Lines(llvm::StringRef path, llvm::function_ref<void(llvm::StringRef)> take) : path(path), take(take) {}

  llvm::Error add(llvm::StringRef text) {
    if (text.contains('\0'))
      return llvm::createStringError(
          path + ":" + llvm::Twine(number + 1 + text.take_front(text.find('\0')).count('\n')) +
          ": this is not text; `trace-cmd report` and `perf script` make text of what they have recorded");
    while (!text.empty()) {
      auto [line, rest] = text.split('\n');
      if (pending.size() + line.size() > longestLine)
        return llvm::createStringError(path + ":" + llvm::Twine(number + 1) + ": longer than any line of a trace");
      pending += line;
      if (line.size() == text.size())
        return llvm::Error::success(); // the line goes on
      end();
      text = rest;
    }
    return llvm::Error::success();
  }

  void finish() {
    if (!pending.empty())
      end();
  }

private:
  void end() {
    ++number;
    take(pending);
    pending.clear();
  }

  llvm::StringRef path;
  llvm::function_ref<void(llvm::StringRef)> take;
  std::string pending;
  std::uint64_t number = 0;
};

/// Whether there is something to read before the time is over.
bool waitFor(int file, std::optional<Clock::time_point> end) {
  while (!InterruptGuard::isInterrupted() && (!end || Clock::now() < *end)) {
    pollfd wait{file, POLLIN, 0};
    if (poll(&wait, 1, pollMilliseconds) > 0)
      return true;
  }
  return false;
}

llvm::Error readAll(int file, llvm::StringRef path, std::optional<Clock::time_point> end, Lines &lines) {
  char buffer[1 << 16];
  while (waitFor(file, end)) {
    const ssize_t size = read(file, buffer, sizeof buffer);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (size < 0)
      return llvm::createStringError(path + ": " + llvm::sys::StrError(errno));
    if (size == 0)
      break;
    if (llvm::Error error = lines.add(llvm::StringRef(buffer, static_cast<std::size_t>(size))))
      return error;
  }
  lines.finish();
  return llvm::Error::success();
}

} // namespace

llvm::Error readTraceLines(llvm::StringRef path, std::optional<double> seconds,
                           llvm::function_ref<void(llvm::StringRef)> take) {
  std::optional<Clock::time_point> end;
  if (seconds)
    end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
  int file = STDIN_FILENO;
  const bool isFile = path != "-";
  if (isFile)
    if (std::error_code error = llvm::sys::fs::openFileForRead(path, file))
      return llvm::createStringError(path + ": " + error.message());
  auto close = llvm::make_scope_exit([&] {
    if (isFile)
      ::close(file);
  });
  Lines lines(isFile ? path : "standard input", take);
  return readAll(file, isFile ? path : "standard input", end, lines);
}

} // namespace bhlint
