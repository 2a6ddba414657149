// The counters of /proc/softirqs and /proc/interrupts: a line for each vector, a column for each CPU. Two samples make
// rates. Which names there are is the kernel's business; nothing here knows one.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bhlint {

struct CounterRow {
  std::string name;                  ///< "TASKLET", "24"
  std::string about;                 ///< "IO-APIC 4-edge ttyS0"
  std::vector<std::uint64_t> counts; ///< by column; one alone is not of a CPU ("ERR")
};

struct Counters {
  std::vector<std::string> cpus; ///< "CPU0"; those that are online
  std::vector<CounterRow> rows;
};

/// An error names `file` and the line.
llvm::Expected<Counters> readCounters(llvm::StringRef text, llvm::StringRef file);

struct RateRow {
  std::string name;
  std::string about;
  std::vector<double> perSecond; ///< by CPU, or one alone
  double total = 0;
};

/// What was counted between two samples, the fastest first; rows that did not move are left out, as are those that only
/// one sample has. An error when the CPUs are not the same.
llvm::Expected<std::vector<RateRow>> ratesBetween(const Counters &before, const Counters &after, double seconds);

} // namespace bhlint
