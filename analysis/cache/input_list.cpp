#include "analysis/cache/input_list.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/LEB128.h"

using namespace llvm;

namespace bhlint {

namespace {

void putNumber(std::string &out, std::uint64_t number) {
  std::uint8_t bytes[16];
  unsigned size = encodeULEB128(number, bytes);
  out.append(reinterpret_cast<const char *>(bytes), size);
}

std::optional<std::uint64_t> takeNumber(StringRef &bytes) {
  unsigned size = 0;
  const char *error = nullptr;
  std::uint64_t number = decodeULEB128(bytes.bytes_begin(), &size, bytes.bytes_end(), &error);
  if (error)
    return std::nullopt;
  bytes = bytes.drop_front(size);
  return number;
}

/// Each number as its distance from the one before, which mostly takes one byte.
void putList(std::string &out, const InputList &list) {
  putNumber(out, list.size());
  InputTable::Number last = 0;
  for (InputTable::Number number : list) {
    putNumber(out, number - last);
    last = number;
  }
}

std::optional<InputList> takeList(StringRef &bytes) {
  std::optional<std::uint64_t> count = takeNumber(bytes);
  if (!count || *count > bytes.size())
    return std::nullopt;
  InputList list;
  list.reserve(*count);
  std::uint64_t last = 0;
  for (std::uint64_t n = *count; n; --n) {
    std::optional<std::uint64_t> step = takeNumber(bytes);
    if (!step || *step > UINT32_MAX - last)
      return std::nullopt;
    last += *step;
    list.push_back(static_cast<InputTable::Number>(last));
  }
  return list;
}

} // namespace

void InputLists::add(InputList list) {
  erase_if(lists, [&](const InputList &other) { return other == list; });
  lists.insert(lists.begin(), std::move(list));
  if (lists.size() > maxLists)
    lists.resize(maxLists);
}

std::string InputLists::write() const {
  std::string out = table.view().str();
  for (const InputList &list : lists)
    putList(out, list);
  return out;
}

std::optional<InputLists> InputLists::read(StringRef bytes) {
  if (bytes.size() < Digest::size)
    return std::nullopt;
  InputLists out;
  out.table = Digest::read(bytes);
  bytes = bytes.drop_front(Digest::size);
  while (!bytes.empty()) {
    std::optional<InputList> list = takeList(bytes);
    if (!list || out.lists.size() == maxLists)
      return std::nullopt;
    out.lists.push_back(std::move(*list));
  }
  return out;
}

} // namespace bhlint
