// FixRules: rules/fixes/atomic.yaml as values: which calls have a form for atomic context, and under which conditions.
//
// Names of the kernel are there and not in C++. To support one more call of these kinds: a row in the YAML file. What
// the conditions mean in the text of a call is call_edit.h.
#pragma once

#include "analysis/ruleset/source.h"

#include "llvm/Support/VirtualFileSystem.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// A busy wait, and how long it may be. Times are in microseconds.
struct BusyWait {
  std::string call;
  unsigned unit = 1; ///< of its argument
  unsigned most = 0;
};

struct DelayFix {
  unsigned unit = 1;        ///< of the first argument
  std::vector<BusyWait> by; ///< in the order in which they are tried
};

struct PollFix {
  std::string by;
  unsigned delay = 0, limit = 0; ///< numbers of arguments
};

struct CallFix {
  std::string by;
  std::string note; ///< what it does otherwise
};

/// A registration of a handler that may run in a thread instead.
struct HandlerFix {
  std::string by;
  unsigned handler = 0, flags = 0;     ///< numbers of arguments
  std::optional<unsigned> thread;      ///< of the argument that is the thread's function already; it has to be none
};

/// A call that is given a spin lock, and the one that does the same with a mutex.
struct MutexFix {
  std::string by;
  bool isTaking = false;
};

/// A callback's other field, whose functions may sleep.
struct FieldFix {
  std::string by;
  std::string owner; ///< the structure, as findings name it
  std::string
      result; ///< what a function in that field returns, where one in this returns nothing; empty: the same as here
  std::string success;
};

/// A call that calls back where sleeping is forbidden, and the one that does it where it is not.
struct IteratorFix {
  std::string by;
  std::string owner;                         ///< structure of callbacks
  std::set<std::string, std::less<>> fields; ///< of it: what these are set to may call it
  std::string note;
};

struct FixRules {
  std::uint64_t largestSize = 0; ///< bytes
  std::uint64_t longestPoll = 0; ///< microseconds, like those below
  std::uint64_t longestTimeout = 0;                         ///< of a poll that is left as soon as the device answers
  std::uint64_t longestLast = 0;                            ///< where the machine goes down
  std::set<std::string, std::less<>> lastFields, lastCalls; ///< "structure.field"; what registers such a handler
  std::set<std::string, std::less<>>
      prescribed; ///< calls whose documentation says with which flag they are made in atomic context
  std::map<std::string, FieldFix, std::less<>> fields;
  std::map<std::string, IteratorFix, std::less<>> iterators;
  std::map<std::string, std::string, std::less<>> flags;
  std::map<std::string, std::vector<unsigned>, std::less<>> sizes; ///< arguments whose product is the size
  std::set<std::string, std::less<>> tests;
  std::map<std::string, DelayFix, std::less<>> delays;
  std::map<std::string, PollFix, std::less<>> polls;
  std::map<std::string, CallFix, std::less<>> calls;
  std::map<std::string, std::string, std::less<>> queues;     ///< whose work may not sleep, and where it may
  std::map<std::string, HandlerFix, std::less<>> handlers;
  std::set<std::string, std::less<>> unthreadable; ///< flags with which a handler stays where it is
  std::set<std::string, std::less<>> shared;       ///< with which all handlers of the line have to be one-shot
  std::string oneShot;   ///< flag: the line stays masked until the thread is done
  std::string noHandler; ///< what is written where there is none
  std::map<std::string, std::string, std::less<>> locks; ///< what takes one, and what gives it back
  std::map<std::string, MutexFix, std::less<>> mutexes;      ///< calls that take a spin lock's address
  std::map<std::string, std::string, std::less<>> lockTypes; ///< what declares a spin lock, and what a mutex
  std::string mutexHeader;
  std::set<std::string, std::less<>> pure;    ///< calls that may be made without a lock as well as with it
  std::set<std::string, std::less<>> handlesFailure; ///< calls that look after a failure themselves
};

/// Reads FOLDER/fixes/atomic.yaml. What is wrong is added to `errors`.
FixRules loadFixRules(llvm::vfs::FileSystem &files, llvm::StringRef folder, std::vector<RuleError> &errors);

} // namespace bhlint
