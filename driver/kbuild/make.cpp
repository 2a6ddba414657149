#include "driver/kbuild/make.h"

#include "driver/kbuild/compile_database.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

#include <chrono>
#include <optional>
#include <thread>
#include <unistd.h>

namespace bhlint {

namespace fs = llvm::sys::fs;
using llvm::StringRef;

namespace {

/// The caller's environment without what a make above us, or a shell set up for another build, would tell ours.
std::vector<std::string> cleanEnvironment(const std::vector<std::string> &added) {
  static constexpr StringRef removed[] = {"MAKEFLAGS",     "MAKELEVEL",     "MFLAGS",
                                          "GNUMAKEFLAGS",  "MAKEFILES",     "MAKEOVERRIDES",
                                          "KBUILD_OUTPUT", "KBUILD_EXTMOD", "LC_ALL"};
  std::vector<std::string> result = {"LC_ALL=C"};
  for (char **entry = environ; entry && *entry; ++entry)
    if (!llvm::is_contained(removed, StringRef(*entry).split('=').first))
      result.push_back(*entry);
  result.insert(result.end(), added.begin(), added.end());
  return result;
}

std::vector<std::string> linesOf(StringRef text) {
  std::vector<std::string> lines;
  llvm::SmallVector<StringRef> split;
  text.split(split, '\n', -1, /*KeepEmpty=*/false);
  for (StringRef line : split)
    lines.push_back(line.str());
  return lines;
}

/// Runs a program with its output in a file, whose text is returned.
llvm::Expected<MakeResult> runProgram(const std::vector<std::string> &words,
                                      const std::vector<std::string> &environment,
                                      const std::function<void()> &onTick) {
  auto program = llvm::sys::findProgramByName(words.front());
  if (!program)
    return llvm::createStringError(words.front() + ": " + program.getError().message());
  llvm::SmallString<128> log;
  if (std::error_code error = fs::createTemporaryFile("bhlint-make", "log", log))
    return llvm::createStringError("cannot make a temporary file: " + error.message());
  auto removeLog = llvm::make_scope_exit([&] { fs::remove(log); });

  std::vector<StringRef> arguments(words.begin(), words.end());
  std::vector<StringRef> variables(environment.begin(), environment.end());
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log), StringRef(log)};
  std::string message;
  llvm::sys::ProcessInfo child = llvm::sys::ExecuteNoWait(
      *program, arguments, variables.empty() ? std::nullopt : std::optional<llvm::ArrayRef<StringRef>>(variables),
      redirects, /*MemoryLimit=*/0, &message);
  if (child.Pid == llvm::sys::ProcessInfo::InvalidPid)
    return llvm::createStringError(words.front() + ": " + message);
  llvm::sys::ProcessInfo finished;
  while ((finished = llvm::sys::Wait(child, /*SecondsToWait=*/0, &message)).Pid == 0) {
    if (onTick)
      onTick();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  MakeResult result;
  result.status = finished.ReturnCode;
  if (auto buffer = llvm::MemoryBuffer::getFile(log))
    result.log = (*buffer)->getBuffer().str();
  return result;
}

} // namespace

llvm::Expected<MakeResult> runMake(const MakeRun &run) {
  std::vector<std::string> words = {"make"};
  words.insert(words.end(), run.arguments.begin(), run.arguments.end());
  return runProgram(words, cleanEnvironment(run.environment), run.onTick);
}

std::vector<std::string> MakeResult::lastLines(unsigned count) const {
  std::vector<std::string> lines = linesOf(log);
  if (lines.size() > count)
    lines.erase(lines.begin(), lines.end() - count);
  return lines;
}

std::vector<std::string> MakeResult::errors(unsigned count) const {
  std::vector<std::string> found;
  for (std::string &line : linesOf(log)) {
    StringRef text(line);
    bool isConsequence = text.contains(" not remade because of errors") || text.contains("Error 2");
    if (!isConsequence && (text.contains("*** ") || text.contains("rror:")) && found.size() < count)
      found.push_back(std::move(line));
  }
  return found.empty() ? lastLines(count) : found;
}

bool findsProgram(StringRef name) { return static_cast<bool>(llvm::sys::findProgramByName(name)); }

std::string firstLineOf(StringRef command, StringRef argument) {
  std::vector<std::string> words = splitCommandLine(command);
  if (words.empty())
    return {};
  words.push_back(argument.str());
  llvm::Expected<MakeResult> result = runProgram(words, {}, {});
  if (!result) {
    llvm::consumeError(result.takeError());
    return {};
  }
  std::vector<std::string> lines = linesOf(result->log);
  return result->status != 0 || lines.empty() ? "" : lines.front();
}

} // namespace bhlint
