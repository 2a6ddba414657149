// DeviceLoops: loops that only the device ends: each way out of them asks what was read from one of its registers. A
// device that is gone, or that never stops, keeps them going.
//
// Not here: loops with a counter or a time limit, whoever else may end them, and how long a round takes.
#pragma once

#include "analysis/program/program.h"

#include <map>
#include <set>
#include <vector>

namespace bhlint {

class DeviceLoops {
public:
  explicit DeviceLoops(const Program &program);
  /// The calls that read what ends a loop, one for each loop; in order.
  std::vector<std::uint32_t> of(FunctionId function) const;
  /// Whether what the function returns was read from a register, by itself or by what it calls.
  bool isRead(FunctionId function) const { return isRead(function, 0); }

private:
  using Blocks = std::set<std::uint32_t>;
  bool isRead(FunctionId function, unsigned depth) const;
  bool isReadValue(const Body &body, const Operand &value, unsigned depth) const;
  std::uint32_t readOf(const Body &body, const Operand &value, const Blocks &loop) const;

  const Program &program;
  std::set<NameId> reads;
  mutable std::map<FunctionId, bool> known;
};

} // namespace bhlint
