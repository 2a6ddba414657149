#include "runtime-model/state_store.h"

#include <cassert>

namespace bhlint::model {

namespace {

static_assert(sizeof(State) % 8 == 0, "a state is seen as words");

std::uint64_t wordOf(const State &state, unsigned index) {
  std::uint64_t word;
  std::memcpy(&word, reinterpret_cast<const std::uint8_t *>(&state) + 8 * index, 8);
  return word;
}

void setWord(State &state, unsigned index, std::uint64_t word) {
  std::memcpy(reinterpret_cast<std::uint8_t *>(&state) + 8 * index, &word, 8);
}

/// splitmix64's finaliser: every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// Distinct for the same value in different words, so that a state's hash is the sum over its words.
std::uint64_t hashOf(unsigned word, std::uint64_t value) { return mix(value + mix(word + 1)); }

} // namespace

std::uint32_t StateStore::Column::indexOf(std::uint64_t value, bool &isNew) {
  const std::uint64_t hash = hashOf(word, value);
  const std::size_t mask = slots.size() - 1;
  std::size_t position = hash & mask;
  for (; slots[position]; position = (position + 1) & mask)
    if (values[slots[position] - 1].word == value)
      return slots[position] - 1;
  isNew = true;
  values.push_back({value, hash});
  slots[position] = static_cast<std::uint32_t>(values.size());
  if (values.size() * 2 > slots.size()) {
    slots.assign(slots.size() * 2, 0);
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      position = values[i].hash & (slots.size() - 1);
      while (slots[position])
        position = (position + 1) & (slots.size() - 1);
      slots[position] = i + 1;
    }
  }
  return static_cast<std::uint32_t>(values.size() - 1);
}

StateStore::StateStore(const Extent &extent, const State &initial) : work(initial), table(1u << 10), shift(32 - 10) {
  for (unsigned word : usedWords(extent)) {
    if (ranges.empty() || ranges.back().end != word)
      ranges.push_back({word, word});
    ranges.back().end = word + 1;
    Column column;
    column.word = word;
    column.slots.assign(8, 0);
    bool isNew = false;
    column.indexOf(wordOf(initial, word), isNew);
    base[word] = column.values[0].word;
    baseHash[word] = column.values[0].hash;
    initialHash += baseHash[word];
    columnOf[word] = static_cast<std::uint16_t>(columns.size());
    columns.push_back(std::move(column));
  }
  staged = std::make_unique<Staged[]>(maxStaged);
  loadedHash = initialHash;
  stage();
  commit(0);
}

void StateStore::load(std::uint32_t index) {
  const std::uint64_t *record = recordOf(index);
  for (unsigned i = 0; i < stride; ++i)
    loaded[i] = record[i];
  const auto *bytes = reinterpret_cast<const std::uint8_t *>(record);
  std::uint64_t hash = initialHash;
  for (unsigned c : live) {
    const Column &column = columns[c];
    std::uint32_t value = bytes[column.at[0]];
    for (unsigned i = 1; i < column.bytes; ++i)
      value |= static_cast<std::uint32_t>(bytes[column.at[i]]) << (8 * i);
    const Value &entry = column.values[value];
    hash += entry.hash - column.values[0].hash;
    base[column.word] = entry.word;
    baseHash[column.word] = entry.hash;
    setWord(work, column.word, entry.word);
  }
  loadedHash = hash;
  stagedCount = 0;
}

/// Takes over one changed word, and sets it back.
void StateStore::change(Staged &next, unsigned word, std::uint64_t value) {
  Column &column = columns[columnOf[word]];
  setWord(work, word, base[word]);
  bool isNew = false;
  const std::uint32_t index = column.indexOf(value, isNew);
  if (isNew && std::uint64_t{index} >> (8 * column.bytes))
    widen(column);
  auto *bytes = reinterpret_cast<std::uint8_t *>(next.record.data());
  for (unsigned i = 0; i < column.bytes; ++i)
    bytes[column.at[i]] = static_cast<std::uint8_t>(index >> (8 * i));
  next.hash += column.values[index].hash - baseHash[word];
}

void StateStore::stage() {
  assert(stagedCount < maxStaged);
  Staged &next = staged[stagedCount++];
  for (unsigned i = 0; i < stride; ++i)
    next.record[i] = loaded[i];
  next.hash = loadedHash;
  for (const Range &range : ranges)
    for (unsigned word = range.first; word < range.end; ++word)
      if (const std::uint64_t value = wordOf(work, word); value != base[word])
        change(next, word, value);
  __builtin_prefetch(&table[static_cast<std::uint32_t>(next.hash >> 32) >> shift]);
}

StateStore::Found StateStore::commit(unsigned successor) {
  const Staged &candidate = staged[successor];
  const auto tag = static_cast<std::uint32_t>(candidate.hash >> 32);
  const std::size_t mask = table.size() - 1;
  std::size_t position = tag >> shift;
  for (; table[position].index; position = (position + 1) & mask)
    if (table[position].tag == tag && isRecord(table[position].index - 1, candidate.record))
      return {table[position].index - 1, false};
  if ((used & chunkMask) == 0)
    chunks.push_back(std::make_unique<std::uint64_t[]>((chunkMask + 1) * stride));
  table[position] = {used + 1, tag};
  std::uint64_t *record = recordOf(used);
  for (unsigned i = 0; i < stride; ++i)
    record[i] = candidate.record[i];
  ++used;
  if (used > table.size() / 8 * 5)
    growTable();
  return {used - 1, true};
}

/// One more byte for the indices of a column, at the end of every record.
void StateStore::widen(Column &column) {
  if (column.bytes == 0)
    live.push_back(static_cast<unsigned>(&column - columns.data()));
  column.at[column.bytes++] = static_cast<std::uint16_t>(recordBytes++);
  if (recordBytes > stride * 8)
    growRecords();
}

void StateStore::growRecords() {
  const unsigned wider = stride + 1;
  for (auto &chunk : chunks) {
    auto copy = std::make_unique<std::uint64_t[]>((chunkMask + 1) * wider);
    for (std::size_t i = 0; i <= chunkMask; ++i)
      std::memcpy(&copy[i * wider], &chunk[i * stride], stride * 8);
    chunk = std::move(copy);
  }
  stride = wider;
}

void StateStore::growTable() {
  std::vector<Slot> old(table.size() * 2);
  old.swap(table);
  --shift;
  const std::size_t mask = table.size() - 1;
  for (const Slot &slot : old) {
    if (!slot.index)
      continue;
    std::size_t position = slot.tag >> shift;
    while (table[position].index)
      position = (position + 1) & mask;
    table[position] = slot;
  }
}

std::uint64_t StateStore::bytes() const {
  std::uint64_t total = chunks.size() * (chunkMask + 1) * stride * 8 + table.size() * sizeof(Slot);
  for (const Column &column : columns)
    total += column.values.capacity() * sizeof(Value) + column.slots.size() * sizeof(std::uint32_t);
  return total;
}

} // namespace bhlint::model
