// MigrationRules: rules/migration/<mechanism>.yaml as values. Which calls of an old mechanism become which of a new one.
//
// Names of the kernel are there and not in C++. What a role means for an edit is in plan.h. To support one more call: a
// row in the YAML file; one more role: an enumerator here, its name in migration_rules.cpp, its edit in edits.cpp.
#pragma once

#include "analysis/facts/context.h"
#include "analysis/ruleset/source.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// What a call does to the deferred object that is its first argument.
enum class DeferralRole : std::uint8_t {
  Setup,         ///< second argument: a handler that is given the object
  SetupWithData, ///< second argument: a handler that is given a number, the third argument
  Schedule,
  ScheduleHigh,
  Cancel,        ///< waits until it doesn't run
  Disable,       ///< waits, too
  DisableNoWait,
  Enable,
  Refused ///< there is no form that means the same
};

enum class DeferralMacroRole : std::uint8_t { Declare, DeclareWithData, FindContainer, LookThrough, Refused };

struct DeferralCall {
  DeferralRole role = DeferralRole::Refused;
  std::string why; ///< Refused: what differs
};

struct DeferralMacro {
  DeferralMacroRole role = DeferralMacroRole::Refused;
  std::string why;
};

/// "queue_work(system_bh_wq, ": the call, and what stands before its first argument.
struct ReplacingCall {
  std::string function;
  std::string before; ///< an argument; empty: none
  std::string note;   ///< what it does otherwise, for who applies the edit; empty: nothing
  std::vector<std::string> likeOld; ///< calls of the new mechanism that do exactly what the old one did; empty: this one
  std::vector<std::string> likeNew; ///< calls of the old mechanism that do exactly what this one does; empty: the old one
};

/// A call that registers an interrupt's handler, and the one that gives it a thread, too.
struct ThreadRegistration {
  std::string by;
  unsigned line = 0, handler = 0, flags = 0, object = 0; ///< numbers of its arguments; the thread's comes behind `handler`
};

/// How an interrupt's thread is written, for a target that is one. thread_edits.h.
struct ThreadForm {
  std::string result, done, wake;             ///< type of what handlers return; handled; the thread is to run
  std::string lineParameter, objectParameter; ///< names of a handler's parameters
  std::string waits;                          ///< for the handler and its thread, given the line
  std::map<std::string, ThreadRegistration, std::less<>> registrations;
  std::map<std::string, unsigned, std::less<>> frees; ///< waits as well; number of the argument that is the line
  std::map<std::string, std::string, std::less<>> locks; ///< in a bottom half, and in a thread that shares them with one
  std::set<std::string, std::less<>> silences;     ///< turn interrupts off
  std::set<std::string, std::less<>> waitsForItself; ///< calls that a thread must not make for its own line
  std::set<std::string, std::less<>> pure;         ///< calls that say where a structure is, and do nothing
  std::set<std::string, std::less<>> unthreadable; ///< flags with which a handler stays where it is
  std::set<std::string, std::less<>> shared;       ///< flags of a line that other drivers may have, too
  std::string oneShot, agree; ///< flags: masked until the thread is done; so if another driver of the line wants it
  std::string noteMasked, noteUnmasked, noteLocks, noteRemoved;
};

struct MigrationTarget {
  std::string name; ///< of --to
  std::string what; ///< in sentences
  unsigned since = 0; ///< version that has all of it: major*1000+minor
  std::string record, header, parameter, findContainer, declare;
  bool maySleep = false;
  std::string bothPriorities; ///< note, where an object is scheduled with both: all of it is what `ScheduleHigh` becomes
  std::map<DeferralRole, ReplacingCall> calls;
  std::optional<ThreadForm> thread; ///< then there are no `calls`, and nothing of the record
};

struct MigrationRules {
  std::string what;   ///< "tasklet"
  std::string record; ///< tag of the old object's struct
  std::string header;
  Context context = Context::Tasklet; ///< in which the old handler runs
  std::vector<std::string> sharedFolders;
  std::vector<std::string> releases; ///< what gives the memory of an object back, and asks for nothing else; sorted
  std::map<std::string, DeferralCall, std::less<>> calls;
  std::map<std::string, DeferralMacro, std::less<>> macros;
  std::vector<MigrationTarget> targets;
  std::vector<std::string> needsBottomHalvesOff; ///< sorted

  const MigrationTarget *target(llvm::StringRef name) const;
  /// Whether that kernel ("6.12.117") has what the target needs; one that says no version has.
  static bool isIn(const MigrationTarget &target, llvm::StringRef kernelVersion);
  /// Whether a header in that place is one that other code includes, too.
  bool isShared(llvm::StringRef file) const;
};

/// Reads FOLDER/migration/*.yaml, which must be one file. What is wrong is added to `errors`.
MigrationRules loadMigrationRules(llvm::vfs::FileSystem &files, llvm::StringRef folder, std::vector<RuleError> &errors);

} // namespace bhlint
