// recordDatabase: a compile database of a configured kernel, without compiling it.
//
// Kbuild walks the tree as in a build, so that it decides what is built and how, and makes the headers and sources that
// are generated; where it would compile, it writes the command down instead (the makefile in record.cpp). No object,
// real or empty, is made, and steps that would need one are left out, so the build folder holds nothing that a build
// would not have put there. docs/decisions/ tells what was measured against a compiler stand-in.
//
// This runs the tree's own makefiles: only for trees that you would build. Reading a database is compile_database.h.
#pragma once

#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace bhlint {

struct RecordRequest {
  std::string tree;
  std::string build;                      ///< configured, unless `configuration` is given
  std::vector<std::string> paths;         ///< folders and .c files of the tree; none: the whole tree
  std::vector<std::string> makeArguments; ///< "ARCH=arm64", "CC=gcc": win over what the build folder says
  std::string configuration;              ///< "allmodconfig": makes a .config first where there is none
  unsigned jobs = 1;
  std::function<void(unsigned foldersDone)> onProgress; ///< called now and then; may be empty
};

struct RecordOutcome {
  std::string database;              ///< the file written
  unsigned recorded = 0;             ///< units of this run
  unsigned total = 0;                ///< units in the database now
  std::vector<std::string> warnings; ///< what Kbuild complained about
};

/// Merges into compile_commands.json of the build folder: entries of the requested paths are replaced, others stay.
llvm::Expected<RecordOutcome> recordDatabase(const RecordRequest &request);

} // namespace bhlint
