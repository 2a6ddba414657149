#include "driver/migrate/compile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

namespace bhlint {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static std::error_code writeFile(const std::string &name, llvm::StringRef text) {
  std::error_code error;
  llvm::raw_fd_ostream out(name, error);
  if (!error) {
    out << text;
    out.close();
    error = out.error();
    out.clear_error();
  }
  return error;
}

llvm::Expected<std::unique_ptr<OverlayFolder>> OverlayFolder::make(const Overlay &overlay) {
  llvm::SmallString<128> folder;
  if (std::error_code error = fs::createUniqueDirectory("bhlint-migrate", folder))
    return llvm::createStringError(error, "no folder for the edited files");
  std::unique_ptr<OverlayFolder> made(new OverlayFolder(folder.str().str()));
  llvm::json::Array roots;
  unsigned number = 0;
  for (const auto &[name, text] : overlay) {
    if (!text)
      continue;
    const std::string copy = made->folder + "/" + std::to_string(number++) + path::extension(name).str();
    if (std::error_code error = writeFile(copy, *text))
      return llvm::createStringError(error, copy + ": can't be written");
    roots.push_back(llvm::json::Object{{"type", "file"}, {"name", name}, {"external-contents", copy}});
  }
  llvm::json::Object description{{"version", 0}, {"use-external-names", false}, {"roots", std::move(roots)}};
  const std::string text = llvm::formatv("{0:2}\n", llvm::json::Value(std::move(description)));
  if (std::error_code error = writeFile(made->folder + "/overlay.yaml", text))
    return llvm::createStringError(error, "the overlay can't be written");
  return made;
}

OverlayFolder::~OverlayFolder() { fs::remove_directories(folder); }

/// Whether the option is about a file that the compiler would write beside the object.
static bool writesFile(llvm::StringRef argument) {
  return argument.starts_with("-Wp,-M") || argument.starts_with("-M") || argument.starts_with("-save-temps");
}

std::string OverlayFolder::compile(const CompileCommand &command) const {
  llvm::ErrorOr<std::string> compiler = llvm::sys::findProgramByName(command.arguments.front());
  if (!compiler || !path::filename(*compiler).contains("clang"))
    return command.arguments.front() + " is not a Clang that can be run; --compile needs a database of one";
  std::vector<std::string> arguments{*compiler, "-ivfsoverlay", folder + "/overlay.yaml", "-working-directory",
                                     command.directory};
  for (std::size_t i = 1; i < command.arguments.size(); ++i) {
    if (command.arguments[i] == "-o" && i + 1 < command.arguments.size())
      ++i;
    else if (!writesFile(command.arguments[i]))
      arguments.push_back(command.arguments[i]);
  }
  for (const char *option : {"-fno-color-diagnostics", "-fno-caret-diagnostics", "-o", "/dev/null"})
    arguments.push_back(option);
  llvm::SmallString<128> log;
  if (fs::createTemporaryFile("bhlint-compile", "log", log))
    return "no file for what the compiler says";
  std::vector<llvm::StringRef> words(arguments.begin(), arguments.end());
  std::string message;
  const int status = llvm::sys::ExecuteAndWait(*compiler, words, std::nullopt,
                                               {llvm::StringRef(""), llvm::StringRef(log), llvm::StringRef(log)},
                                               /*SecondsToWait=*/600, /*MemoryLimit=*/0, &message);
  auto said = llvm::MemoryBuffer::getFile(log);
  fs::remove(log);
  if (status == 0)
    return {};
  for (llvm::StringRef rest = said ? (*said)->getBuffer() : ""; !rest.empty();) {
    auto [line, after] = rest.split('\n');
    if (line.contains("error: "))
      return line.str();
    rest = after;
  }
  return message.empty() ? "the compiler fails" : message;
}

} // namespace bhlint
