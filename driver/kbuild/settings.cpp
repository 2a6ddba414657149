#include "driver/kbuild/settings.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace bhlint {

using llvm::StringRef;

namespace {

std::string textOf(llvm::vfs::FileSystem &fileSystem, StringRef folder, StringRef name) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, name);
  auto buffer = fileSystem.getBufferForFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// What kconfig tested: lines `ifneq "$(CC)" "clang-19"`.
llvm::StringMap<std::string> parseTested(StringRef text) {
  llvm::StringMap<std::string> values;
  llvm::SmallVector<StringRef> lines;
  text.split(lines, '\n');
  for (StringRef line : lines) {
    if (!line.consume_front("ifneq \"$("))
      continue;
    auto [name, value] = line.split(")\" \"");
    if (value.consume_back("\""))
      values[name] = value.str();
  }
  return values;
}

/// `CONFIG_NAME="..."` or `CONFIG_NAME=y` in a .config; empty when it isn't set.
std::string configured(StringRef config, StringRef name) {
  llvm::SmallVector<StringRef> lines;
  config.split(lines, '\n');
  for (StringRef line : lines)
    if (line.consume_front(name) && line.consume_front("="))
      return line.trim('"').str();
  return {};
}

/// The architecture in a .config's title, `# Linux/x86 6.12.1 Kernel Configuration`.
std::string configuredArchitecture(StringRef config) {
  auto [before, after] = config.split("# Linux/");
  return after.split(' ').first.str();
}

/// The value of LLVM= for which Kbuild takes this compiler and linker; empty when there is none.
std::string llvmSuffix(StringRef compiler, StringRef linker) {
  auto [folder, version] = compiler.rsplit("clang");
  if (!compiler.contains("clang") || linker != (folder + "ld.lld" + version).str())
    return {};
  if (folder.empty())
    return version.empty() ? "1" : version.starts_with("-") ? version.str() : "";
  return folder.ends_with("/") && version.empty() ? folder.str() : "";
}

void addTools(KbuildSettings &settings, const llvm::StringMap<std::string> &tested) {
  StringRef compiler = settings.compiler;
  if (std::string suffix = llvmSuffix(compiler, tested.lookup("LD")); !suffix.empty()) {
    settings.makeArguments.push_back("LLVM=" + suffix);
  } else if (compiler.ends_with("-gcc")) {
    settings.makeArguments.push_back("CROSS_COMPILE=" + compiler.drop_back(3).str());
  } else if (!compiler.empty()) {
    settings.makeArguments.push_back("CC=" + compiler.str());
    if (std::string linker = tested.lookup("LD"); !linker.empty())
      settings.makeArguments.push_back("LD=" + linker);
  }
  if (StringRef(tested.lookup("CLANG_FLAGS")).contains("-fno-integrated-as"))
    settings.makeArguments.push_back("LLVM_IAS=0");
}

/// Before Kbuild's first run with a .config there is only the version text to go by.
std::string guessCompiler(StringRef config) {
  std::string text = configured(config, "CONFIG_CC_VERSION_TEXT");
  if (StringRef(text).contains("clang"))
    return ("clang-" + StringRef(text).split("version ").second.split('.').first).str();
  return StringRef(text).split(' ').first.str();
}

} // namespace

llvm::Expected<KbuildSettings> readKbuildSettings(llvm::vfs::FileSystem &fileSystem, StringRef build) {
  std::string config = textOf(fileSystem, build, ".config");
  if (config.empty())
    return llvm::createStringError(
        llvm::inconvertibleErrorCode(),
        build + ": is not a configured build folder (no .config); configure it with `make O=" + build +
            " LLVM=-19 allmodconfig` in the tree, or let `bhlint db --config allmodconfig` do it");
  llvm::StringMap<std::string> tested = parseTested(textOf(fileSystem, build, "include/config/auto.conf.cmd"));
  KbuildSettings settings;
  settings.tree = tested.lookup("srctree");
  settings.compilerVersion = configured(config, "CONFIG_CC_VERSION_TEXT");
  settings.compiler = tested.lookup("CC");
  std::string architecture = tested.lookup("ARCH");
  if (settings.compiler.empty()) {
    settings.compiler = guessCompiler(config);
    if (!configured(config, "CONFIG_LD_IS_LLD").empty())
      tested["LD"] = "ld.lld" + StringRef(settings.compiler).rsplit("clang").second.str();
  }
  if (architecture.empty())
    architecture = configuredArchitecture(config);
  if (!architecture.empty())
    settings.makeArguments.push_back("ARCH=" + architecture);
  addTools(settings, tested);
  return settings;
}

std::string compilerOf(llvm::ArrayRef<std::string> makeArguments) {
  std::string compiler;
  bool isGiven = false;
  for (StringRef argument : makeArguments) {
    if (argument.consume_front("CC=")) {
      compiler = argument.str();
      isGiven = true;
    } else if (argument.consume_front("LLVM=") && !isGiven) {
      compiler = argument.starts_with("-") ? ("clang" + argument).str()
                 : argument.ends_with("/") ? (argument + "clang").str()
                                           : "clang";
    } else if (argument.consume_front("CROSS_COMPILE=") && compiler.empty()) {
      compiler = (argument + "gcc").str();
    }
  }
  return compiler;
}

} // namespace bhlint
