#include "driver/gate/new_unit.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

using llvm::StringRef;

constexpr StringRef moduleMacro = "-DKBUILD_MODNAME=", innerModuleMacro = "-D__KBUILD_MODNAME=",
                    fileMacro = "-DKBUILD_MODFILE=", baseMacro = "-DKBUILD_BASENAME=";

/// Lines, with continued ones joined and comments gone.
std::vector<std::string> logicalLines(StringRef text) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    const bool goesOn = line.consume_back("\\");
    lines.back() += line.split('#').first.str() + " ";
    if (!goesOn)
      lines.emplace_back();
  }
  return lines;
}

} // namespace

std::string moduleOf(StringRef makefile, StringRef object) {
  for (const std::string &line : logicalLines(makefile)) {
    auto [left, right] = StringRef(line).split('=');
    left = left.rtrim(" \t:+?").trim();
    llvm::SmallVector<StringRef, 16> words;
    right.split(words, ' ', -1, /*KeepEmpty=*/false);
    if (!llvm::is_contained(words, object) && !llvm::is_contained(words, object.str() + "\t"))
      continue;
    if (left.starts_with("obj-") || left.starts_with("lib-"))
      return llvm::sys::path::stem(object).str();
    return left.take_front(left.rfind('-')).str();
  }
  return {};
}

std::string moduleOf(const CompileCommand &command) {
  for (StringRef argument : command.arguments)
    if (argument.consume_front(moduleMacro))
      return argument.trim('"').str();
  return {};
}

CompileCommand retarget(CompileCommand command, const std::string &file, const std::string &module) {
  const std::string old = command.file;
  command.file = file;
  const std::string base = llvm::sys::path::stem(file).str();
  for (std::string &argument : command.arguments) {
    StringRef text = argument;
    if (argument == old)
      argument = file;
    else if (text.starts_with(baseMacro))
      argument = (baseMacro + "\"" + base + "\"").str();
    else if (text.starts_with(moduleMacro) && !module.empty())
      argument = (moduleMacro + "\"" + module + "\"").str();
    else if (text.starts_with(innerModuleMacro) && !module.empty())
      argument = (innerModuleMacro + "kmod_" + module).str();
    else if (text.starts_with(fileMacro) && !module.empty())
      argument = (fileMacro + "\"" + module + "\"").str();
  }
  return command;
}

} // namespace bhlint
