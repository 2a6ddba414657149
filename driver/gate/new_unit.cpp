#include "driver/gate/new_unit.h"

#include "driver/kbuild/unit_macros.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

using llvm::StringRef;

/// "-DNAME=", as an argument begins that defines it.
std::string defining(StringRef macro) { return ("-D" + macro + "=").str(); }

/// As a string of C; nothing remains nothing.
std::string quoted(StringRef text) { return text.empty() ? std::string() : ("\"" + text + "\"").str(); }

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
    llvm::SplitString(right, words, " \t");
    if (!llvm::is_contained(words, object))
      continue;
    if (left.starts_with("obj-") || left.starts_with("lib-"))
      return llvm::sys::path::stem(object).str();
    return left.take_front(left.rfind('-')).str();
  }
  return {};
}

std::string moduleOf(const CompileCommand &command) {
  for (StringRef argument : command.arguments)
    if (argument.consume_front(defining(moduleNameMacro)))
      return argument.trim('"').str();
  return {};
}

CompileCommand retarget(CompileCommand command, const std::string &file, const std::string &module) {
  const std::string old = command.file;
  command.file = file;
  const std::string base = llvm::sys::path::stem(file).str();
  for (std::string &argument : command.arguments) {
    auto redefine = [&](StringRef macro, const std::string &value) {
      if (const std::string begin = defining(macro); StringRef(argument).starts_with(begin) && !value.empty())
        argument = begin + value;
    };
    if (argument == old)
      argument = file;
    redefine(baseNameMacro, quoted(base));
    redefine(moduleNameMacro, quoted(module));
    redefine(moduleFileMacro, quoted(module));
    redefine(innerModuleNameMacro, module.empty() ? "" : "kmod_" + module);
  }
  return command;
}

} // namespace bhlint
