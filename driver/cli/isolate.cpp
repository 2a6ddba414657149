#include "driver/cli/isolate.h"

#include "analysis/shard/shard_file.h"
#include "driver/cli/include_folders.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Compiler.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <csignal>

#include <sys/resource.h>
#include <unistd.h>

namespace bhlint {

namespace {

namespace fs = llvm::sys::fs;
namespace json = llvm::json;

llvm::Error writeFile(const std::string &path, llvm::StringRef text) {
  return llvm::writeToOutput(path, [&](llvm::raw_ostream &out) {
    out << text;
    return llvm::Error::success();
  });
}

/// Paths and arguments are bytes, JSON's strings are not: what isn't UTF-8 goes as hexadecimal digits.
json::Value bytes(llvm::StringRef text) { return json::isUTF8(text) ? "=" + text.str() : llvm::toHex(text); }

std::string bytesOf(llvm::StringRef text) {
  return text.consume_front("=") ? text.str() : llvm::fromHex(text);
}

json::Array list(llvm::ArrayRef<std::string> texts) {
  json::Array array;
  for (const std::string &text : texts)
    array.push_back(bytes(text));
  return array;
}

std::vector<std::string> listOf(const json::Object &object, llvm::StringRef key) {
  std::vector<std::string> texts;
  if (const json::Array *array = object.getArray(key))
    for (const json::Value &value : *array)
      texts.push_back(bytesOf(value.getAsString().value_or("")));
  return texts;
}

std::string textOf(const json::Object &object, llvm::StringRef key) {
  return bytesOf(object.getString(key).value_or(""));
}

llvm::Expected<json::Object> readObject(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  llvm::Expected<json::Value> value = json::parse((*buffer)->getBuffer());
  if (!value)
    return value.takeError();
  if (json::Object *object = value->getAsObject())
    return std::move(*object);
  return llvm::createStringError(path + ": not an object");
}

constexpr llvm::StringLiteral overlayFile = "overlay.json";

/// Folders that the command names, beside tree and build folder.
std::vector<std::string> foldersOf(const ExtractRequest &request) {
  std::vector<std::string> folders = includeFolders(request);
  folders.push_back(request.treeRoot);
  folders.push_back(request.directory);
  return folders;
}

/// Nobody else holds this process to its limits.
void limit(unsigned seconds, unsigned megabytes) {
  // LLVM's handlers would print a trace of the stack.
  std::signal(SIGXCPU, SIG_DFL);
  std::signal(SIGALRM, SIG_DFL);
  const auto set = [](int what, rlim_t soft, rlim_t hard) {
    const rlimit both{soft, hard};
    ::setrlimit(what, &both);
  };
  set(RLIMIT_CPU, seconds, seconds + 5);
#if !LLVM_ADDRESS_SANITIZER_BUILD // whose shadow memory is terabytes of address space
  set(RLIMIT_AS, static_cast<rlim_t>(megabytes) << 20, static_cast<rlim_t>(megabytes) << 20);
#endif
  set(RLIMIT_CORE, 0, 0);
  constexpr unsigned waiting = 10; // a machine that does other things, too
  ::alarm(seconds * waiting + waiting);
}

} // namespace

ParsedUnit parseHere(const ExtractRequest &request, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  ParsedUnit unit;
  llvm::CrashRecoveryContext recovery;
  constexpr unsigned stackSize = 64u << 20; // deeply nested initialisers recurse
  bool survived = recovery.RunSafelyOnThread(
      [&] {
        ExtractResult result = extractUnit(request, std::move(files));
        unit.usedPrelude = result.usedPrelude;
        unit.packed = packFacts(result.facts);
        unit.inputs = std::move(result.inputs);
        if (result.errors != 0)
          unit.error = result.firstError.empty() ? "Clang reported an error" : result.firstError;
      },
      stackSize);
  if (!survived) {
    unit.packed.clear();
    unit.error = "the parser crashed on this unit";
  }
  return unit;
}

llvm::Expected<std::unique_ptr<IsolatedParser>> IsolatedParser::make(const UnitLimits &limits, const Overlay &overlay) {
  llvm::SmallString<128> folder;
  if (std::error_code error = fs::createUniqueDirectory("bhlint-units", folder))
    return llvm::createStringError("no scratch folder could be made: " + error.message());
  std::unique_ptr<IsolatedParser> parser(new IsolatedParser(limits, folder.str().str()));
  json::Array files;
  for (const auto &[path, text] : overlay) {
    json::Object file{{"path", bytes(path)}};
    if (text) {
      const std::string copy = parser->folder + "/overlay-" + std::to_string(files.size());
      if (llvm::Error error = writeFile(copy, *text))
        return error;
      file["contents"] = bytes(copy);
    }
    files.push_back(std::move(file));
  }
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(json::Object{{"files", std::move(files)}});
  if (llvm::Error error = writeFile(parser->folder + "/" + overlayFile.str(), text))
    return error;
  return parser;
}

IsolatedParser::~IsolatedParser() { fs::remove_directories(folder); }

ParsedUnit IsolatedParser::parse(const ExtractRequest &request) const {
  ParsedUnit unit;
  llvm::SmallString<128> job;
  int descriptor = -1;
  if (std::error_code error = fs::createUniqueFile(folder + "/job-%%%%%%%%", descriptor, job)) {
    unit.error = "no job file could be made: " + error.message();
    return unit;
  }
  const std::string base = job.str().str();
  {
    llvm::raw_fd_ostream out(descriptor, /*shouldClose=*/true);
    out << json::Value(json::Object{{"directory", bytes(request.directory)},
                                    {"file", bytes(request.file)},
                                    {"arguments", list(request.arguments)},
                                    {"tree", bytes(request.treeRoot)},
                                    {"overlay", bytes(folder + "/" + overlayFile.str())},
                                    {"facts", bytes(base + ".facts")},
                                    {"result", bytes(base + ".result")},
                                    {"seconds", limits.seconds},
                                    {"megabytes", limits.megabytes}});
  }
  const std::optional<llvm::StringRef> quiet[] = {llvm::StringRef(""), llvm::StringRef(""), llvm::StringRef("")};
  std::string problem;
  const int status = llvm::sys::ExecuteAndWait(limits.program, {limits.program, "extract-unit", base}, std::nullopt,
                                               quiet, /*SecondsToWait=*/0, /*MemoryLimit=*/0, &problem);
  llvm::Expected<json::Object> result = readObject(base + ".result");
  if (status == 0 && result) {
    unit.error = textOf(*result, "error");
    unit.inputs = listOf(*result, "inputs");
    if (auto facts = llvm::MemoryBuffer::getFile(base + ".facts"))
      unit.packed = (*facts)->getBuffer().str();
  } else {
    const bool isSlow = llvm::StringRef(problem).contains("CPU time") || llvm::StringRef(problem).contains("Alarm") ||
                        llvm::StringRef(problem).contains("Killed");
    unit.error = isSlow ? "parsing was given up after " + std::to_string(limits.seconds) + " s (--unit-seconds)"
                        : "the parser crashed on this unit, or needed more than " + std::to_string(limits.megabytes) +
                              " MB";
  }
  llvm::consumeError(result.takeError());
  for (const char *suffix : {"", ".facts", ".result"})
    fs::remove(base + suffix);
  return unit;
}

llvm::Error runExtractJob(llvm::StringRef jobFile) {
  llvm::Expected<json::Object> job = readObject(jobFile);
  if (!job)
    return job.takeError();
  limit(static_cast<unsigned>(job->getInteger("seconds").value_or(60)),
        static_cast<unsigned>(job->getInteger("megabytes").value_or(4096)));
  ExtractRequest request;
  request.directory = textOf(*job, "directory");
  request.file = textOf(*job, "file");
  request.arguments = listOf(*job, "arguments");
  request.treeRoot = textOf(*job, "tree");
  llvm::Expected<json::Object> files = readObject(textOf(*job, "overlay"));
  if (!files)
    return files.takeError();
  Overlay overlay;
  if (const json::Array *array = files->getArray("files"))
    for (const json::Value &value : *array)
      if (const json::Object *file = value.getAsObject()) {
        auto contents = file->getString("contents");
        auto buffer = contents ? llvm::MemoryBuffer::getFile(bytesOf(*contents)) : std::errc::no_such_file_or_directory;
        overlay.emplace_back(textOf(*file, "path"), buffer ? std::optional((*buffer)->getBuffer().str()) : std::nullopt);
      }
  llvm::CrashRecoveryContext::Enable();
  ParsedUnit unit = parseHere(request, openConfined(overlay, foldersOf(request)));
  if (llvm::Error error = writeFile(textOf(*job, "facts"), unit.packed))
    return error;
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(
      json::Object{{"error", bytes(unit.error)}, {"inputs", list(unit.inputs)}});
  return writeFile(textOf(*job, "result"), text);
}

} // namespace bhlint
