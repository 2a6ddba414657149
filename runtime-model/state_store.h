// StateStore: every state that a search has seen, in the order of their discovery, each of them once. Exact: states are
// compared, hashes only find candidates.
//
// It is not the search (explore.cpp), and it knows nothing of what a state means: a State is a row of 64-bit words, of
// which a step changes two or three and a scenario ever changes a few dozen. Each word that has had a second value is a
// column with a table of the values it has had; a stored state is one index per column, a byte each for most. So a state
// takes 20 to 50 bytes, storing a successor looks at the words that changed, and nothing is allocated for it.
//
// The search works on state() in place:
//
//     store.load(index);              // state() is that state now
//     ... change state() ...
//     store.stage();                  // remembers the change, and state() is what load() made it again
//     ... further successors ...
//     store.commit(0), commit(1) ...  // the successors in that order: new, or seen before?
//
// Two passes, because the first brings the hash table's lines into the cache for the second.
#pragma once

#include "runtime-model/state.h"

#include <array>
#include <memory>
#include <vector>

namespace bhlint::model {

class StateStore {
public:
  /// Holds `initial`, as state 0.
  StateStore(const Extent &extent, const State &initial);

  State &state() { return work; }
  const State &state() const { return work; }

  void load(std::uint32_t index);
  /// Takes the difference between state() and what was loaded, and undoes it.
  void stage();
  struct Found {
    std::uint32_t index = 0;
    bool isNew = false;
  };
  Found commit(unsigned successor);

  std::uint32_t count() const { return used; }
  /// Of memory: records, hash table, tables of values.
  std::uint64_t bytes() const;

private:
  static constexpr unsigned wordCount = sizeof(State) / 8;
  static constexpr unsigned maxRecord = (wordCount * 4 + 7) / 8 * 8;
  static constexpr unsigned maxStaged = 96; ///< as many as Steps holds

  struct Value {
    std::uint64_t word = 0;
    std::uint64_t hash = 0; ///< what it adds to the hash of a state
  };
  /// A word of the state and the values that it has had. Index 0 is the initial one, so that a record of before the
  /// word first changed is right as it is: zero.
  struct Column {
    unsigned word = 0;
    unsigned bytes = 0;                ///< of a record: 0 until there is a second value
    std::array<std::uint16_t, 4> at{}; ///< where in a record they are, lowest first
    std::vector<Value> values;
    std::vector<std::uint32_t> slots;  ///< hash table of index+1

    std::uint32_t indexOf(std::uint64_t value, bool &isNew);
  };
  struct Slot {
    std::uint32_t index = 0; ///< +1
    std::uint32_t tag = 0;   ///< upper half of the hash; its upper bits are the place in the table
  };
  /// Indices of values, a byte each for most columns; in words, which are compared and copied as such.
  using Record = std::array<std::uint64_t, maxRecord / 8>;
  struct Staged {
    std::uint64_t hash = 0;
    Record record{}; ///< zero beyond what was ever used
  };
  /// Words that the scenario uses, without a gap between them.
  struct Range {
    unsigned first = 0, end = 0;
  };

  std::uint64_t *recordOf(std::uint32_t index) {
    return &chunks[index >> chunkBits][(index & chunkMask) * stride];
  }
  bool isRecord(std::uint32_t index, const Record &record) {
    const std::uint64_t *stored = recordOf(index);
    std::uint64_t difference = 0;
    for (unsigned i = 0; i < stride; ++i)
      difference |= stored[i] ^ record[i];
    return difference == 0;
  }
  void change(Staged &next, unsigned word, std::uint64_t value);
  void widen(Column &column);
  void growRecords();
  void growTable();

  static constexpr unsigned chunkBits = 12;
  static constexpr std::uint32_t chunkMask = (1u << chunkBits) - 1;

  State work;
  std::vector<Range> ranges;
  std::vector<Column> columns;               ///< one for each word that the scenario uses
  std::array<std::uint16_t, wordCount> columnOf{};
  std::vector<unsigned> live;                ///< columns that have bytes in a record, in the order of becoming so
  std::array<std::uint64_t, wordCount> base{};     ///< the loaded state: its words, and what each adds to the hash
  std::array<std::uint64_t, wordCount> baseHash{};
  Record loaded{};
  std::uint64_t initialHash = 0, loadedHash = 0;

  unsigned recordBytes = 0;                  ///< in use of a record
  unsigned stride = 1;                       ///< of records, in words
  std::vector<std::unique_ptr<std::uint64_t[]>> chunks;
  std::vector<Slot> table;
  unsigned shift = 32;                       ///< of a tag, to its place in the table
  std::uint32_t used = 0;

  std::unique_ptr<Staged[]> staged;
  unsigned stagedCount = 0;
};

} // namespace bhlint::model
