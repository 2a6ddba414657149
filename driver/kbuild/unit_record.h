// Units that were checked while Kbuild built them: a database that many processes add to at once.
//
// There is one file for each unit, which is replaced as a whole, in BUILD/.bhlint/units; each is a
// compile_commands.json of one entry. readCompileDatabase() adds what is there to the database of the folder: see
// addUnitRecords().
#pragma once

#include "driver/kbuild/compile_database.h"

namespace bhlint {

/// `output`: the object, relative to the command's folder or absolute; empty: unknown. It tells units apart that are
/// built twice.
llvm::Error recordUnit(llvm::StringRef build, const CompileCommand &command, llvm::StringRef output);

/// Files that hold records of the folder, sorted; none when there are none.
std::vector<std::string> findUnitRecords(llvm::vfs::FileSystem &fileSystem, llvm::StringRef build);

/// Joins what was read from records with the other units of a database. For the same source and object, the newer of
/// the two is right: Kbuild, or `bhlint db`, may have gone on with other options.
void addUnitRecords(std::vector<RecordedUnit> records, std::vector<RecordedUnit> &units);

} // namespace bhlint
