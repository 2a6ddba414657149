#include "analysis/observe/trace_line.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace bhlint {

namespace {

llvm::StringRef takeWord(llvm::StringRef &text) {
  text = text.ltrim(" \t");
  llvm::StringRef word = text.take_until([](char c) { return c == ' ' || c == '\t'; });
  text = text.drop_front(word.size());
  return word;
}

/// "1234.567890:", six or nine digits behind the point.
std::optional<std::uint64_t> readTime(llvm::StringRef word) {
  if (!word.consume_back(":"))
    return std::nullopt;
  auto [seconds, fraction] = word.split('.');
  constexpr std::size_t mostSeconds = 9; // fits when multiplied by 10^9
  if (seconds.empty() || seconds.size() > mostSeconds || fraction.empty() || fraction.size() > 9)
    return std::nullopt;
  std::uint64_t whole = 0, part = 0;
  if (!llvm::all_of(seconds, llvm::isDigit) || !llvm::all_of(fraction, llvm::isDigit) ||
      seconds.getAsInteger(10, whole) || fraction.getAsInteger(10, part))
    return std::nullopt;
  for (std::size_t digits = fraction.size(); digits < 9; ++digits)
    part *= 10;
  return whole * 1'000'000'000u + part;
}

/// "d.h1.": the third character says what was interrupted; Documentation/trace/ftrace.rst.
InterruptLevel readLevel(llvm::StringRef flags) {
  if (flags.size() < 4 || flags.size() > 6)
    return InterruptLevel::Unknown;
  switch (flags[2]) {
  case '.':
  case 'b':
    return InterruptLevel::None;
  case 's':
    return InterruptLevel::Softirq;
  case 'h':
  case 'H':
  case 'z':
  case 'Z':
    return InterruptLevel::HardIrq;
  }
  return InterruptLevel::Unknown;
}

/// The number that ends "name-12", "name-12 (  34)", "name 12" or "name 34/12".
std::optional<std::uint32_t> readTask(llvm::StringRef text) {
  text = text.rtrim();
  if (text.ends_with(")"))
    text = text.take_front(text.rfind('(')).rtrim();
  llvm::StringRef digits = text.take_back(text.size() - (text.find_last_not_of("0123456789") + 1));
  std::uint32_t task = 0;
  if (digits.empty() || digits.size() == text.size() || digits.getAsInteger(10, task))
    return std::nullopt;
  return task;
}

/// What stands behind the CPU.
bool readRest(llvm::StringRef rest, TraceEvent &event) {
  llvm::StringRef word = takeWord(rest);
  std::optional<std::uint64_t> time = readTime(word);
  if (!time) {
    event.level = readLevel(word);
    time = readTime(takeWord(rest));
  }
  if (!time)
    return false;
  event.time = *time;
  llvm::StringRef name = takeWord(rest);
  if (!name.consume_back(":")) {
    event.name = {}; // of another tracer
    return true;
  }
  event.name = name.contains(':') ? name.rsplit(':').second : name;
  event.fields = rest.trim();
  return true;
}

TraceLine readLost(llvm::StringRef line) {
  TraceLine result;
  if (!line.consume_front("CPU:"))
    return result;
  auto [cpu, rest] = line.split(' ');
  rest = rest.ltrim();
  if (!rest.consume_front("[LOST ") || cpu.getAsInteger(10, result.event.cpu) ||
      rest.take_until([](char c) { return c == ' '; }).getAsInteger(10, result.lost))
    return result;
  result.kind = TraceLineKind::Lost;
  return result;
}

bool isHeader(llvm::StringRef line) {
  return line.empty() || line.starts_with("#") || line.starts_with("cpus=") || line.starts_with("version =") ||
         line.starts_with("CPU ");
}

} // namespace

TraceLine readTraceLine(llvm::StringRef line, llvm::function_ref<bool(llvm::StringRef)> isWanted) {
  TraceLine result;
  if (TraceLine lost = readLost(line.trim()); lost.kind == TraceLineKind::Lost)
    return lost;
  if (isHeader(line.trim())) {
    result.kind = TraceLineKind::Other;
    return result;
  }
  // A task chooses its name, "x-1 [0] 1.0: y:" for instance. It is too short for an event that is wanted, so such a
  // name cannot pass for one, and the line is read behind it.
  for (std::size_t at = line.find('['); at != llvm::StringRef::npos; at = line.find('[', at + 1)) {
    llvm::StringRef cpu = line.drop_front(at + 1);
    const std::size_t end = cpu.find(']');
    TraceEvent event;
    std::optional<std::uint32_t> task = readTask(line.take_front(at));
    if (end == llvm::StringRef::npos || cpu.take_front(end).getAsInteger(10, event.cpu) || !task ||
        !readRest(cpu.drop_front(end + 1), event))
      continue;
    event.task = *task;
    if (!event.name.empty() && isWanted(event.name))
      return {TraceLineKind::Event, event, 0};
    result.kind = TraceLineKind::Other;
  }
  return result;
}

std::optional<llvm::StringRef> traceField(llvm::StringRef fields, llvm::StringRef name) {
  for (std::size_t at = fields.find(name); at != llvm::StringRef::npos; at = fields.find(name, at + 1)) {
    const bool begins = at == 0 || llvm::StringRef(" [,(").contains(fields[at - 1]);
    llvm::StringRef rest = fields.drop_front(at + name.size());
    if (!begins || !(rest.starts_with("=") || rest.starts_with(" ")))
      continue;
    return rest.drop_front(1).take_until([](char c) { return llvm::StringRef(" ,:])\t").contains(c); });
  }
  return std::nullopt;
}

llvm::StringRef traceFunction(llvm::StringRef value) {
  // Compilers put what they derived behind a point: f.isra.0, f.cold.
  llvm::StringRef name = value.take_until([](char c) { return c == '.' || c == '+'; });
  const bool isName = !name.empty() && !llvm::isDigit(name.front()) &&
                      llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '$'; });
  const bool isAddress = name.size() >= 8 && llvm::all_of(name, llvm::isHexDigit);
  return isName && !isAddress ? name : llvm::StringRef();
}

} // namespace bhlint
