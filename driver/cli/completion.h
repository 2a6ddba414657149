// Completion scripts for shells, written from what the command line knows of itself, so that they cannot be out of date.
//
// What there is to complete is a CommandShape; command_completion.cpp makes it from the parser. To add a shell: a writer
// here, a name in shells().
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace bhlint {

struct OptionShape {
  std::vector<std::string> names; ///< with their dashes
  std::string description;
  bool takesValue = false;
  bool isFile = false;             ///< the value is a file or a folder
  std::vector<std::string> values; ///< all there are; empty: anything
};

struct CommandShape {
  std::string name;
  std::string description;
  std::vector<OptionShape> options;
  std::vector<CommandShape> commands;
};

/// The shells that there are scripts for.
std::vector<std::string> shells();

/// The script that `shell`, one of shells(), is given to complete `program`.
void writeCompletion(const CommandShape &program, llvm::StringRef shell, llvm::raw_ostream &out);

} // namespace bhlint
