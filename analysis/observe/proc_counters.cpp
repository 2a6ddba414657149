#include "analysis/observe/proc_counters.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>

namespace bhlint {

namespace {

llvm::Error failure(llvm::StringRef file, unsigned line, const llvm::Twine &what) {
  return llvm::createStringError(file + ":" + llvm::Twine(line) + ": " + what);
}

constexpr unsigned mostLines = 100'000;

/// "24:   1   0  IO-APIC   5-edge   ttyS0".
llvm::Expected<CounterRow> readRow(llvm::StringRef text, std::size_t cpus, llvm::StringRef file, unsigned line) {
  CounterRow row;
  auto [name, rest] = text.trim().split(':');
  row.name = name.str();
  llvm::SmallVector<llvm::StringRef, 32> words;
  llvm::SplitString(rest, words);
  std::size_t at = 0;
  for (std::uint64_t count = 0; at < words.size() && at < cpus && !words[at].getAsInteger(10, count); ++at)
    row.counts.push_back(count);
  if (row.name.empty() || row.counts.empty() || (row.counts.size() != cpus && row.counts.size() != 1))
    return failure(file, line, "expected a name, a colon and a count for each of " + llvm::Twine(cpus) + " CPUs");
  row.about = llvm::join(llvm::ArrayRef(words).drop_front(at), " ");
  return row;
}

} // namespace

llvm::Expected<Counters> readCounters(llvm::StringRef text, llvm::StringRef file) {
  Counters counters;
  auto [head, rest] = text.split('\n');
  llvm::SmallVector<llvm::StringRef, 32> columns;
  llvm::SplitString(head, columns);
  for (llvm::StringRef column : columns) {
    if (!column.starts_with("CPU"))
      return failure(file, 1, "expected the names of the CPUs");
    counters.cpus.push_back(column.str());
  }
  if (counters.cpus.empty())
    return failure(file, 1, "expected the names of the CPUs");
  for (unsigned line = 2; !rest.empty(); ++line) {
    if (line > mostLines)
      return failure(file, line, "there are no more than " + llvm::Twine(mostLines) + " vectors");
    auto [row, next] = rest.split('\n');
    rest = next;
    if (row.trim().empty())
      continue;
    llvm::Expected<CounterRow> read = readRow(row, counters.cpus.size(), file, line);
    if (!read)
      return read.takeError();
    counters.rows.push_back(std::move(*read));
  }
  return counters;
}

llvm::Expected<std::vector<RateRow>> ratesBetween(const Counters &before, const Counters &after, double seconds) {
  if (before.cpus != after.cpus)
    return llvm::createStringError("CPUs went on- or offline between the samples; run it again");
  llvm::StringMap<const CounterRow *> old;
  for (const CounterRow &row : before.rows)
    old[row.name] = &row;
  std::vector<RateRow> rates;
  for (const CounterRow &row : after.rows) {
    auto was = old.find(row.name);
    if (was == old.end() || was->second->counts.size() != row.counts.size())
      continue;
    RateRow rate{row.name, row.about, {}, 0};
    for (std::size_t i = 0; i < row.counts.size(); ++i) {
      // They are 32 bits wide in the kernel and begin again at 0.
      const std::uint32_t moved = static_cast<std::uint32_t>(row.counts[i] - was->second->counts[i]);
      rate.perSecond.push_back(moved / seconds);
      rate.total += rate.perSecond.back();
    }
    if (rate.total > 0)
      rates.push_back(std::move(rate));
  }
  std::stable_sort(rates.begin(), rates.end(), [](const auto &a, const auto &b) { return a.total > b.total; });
  return rates;
}

} // namespace bhlint
