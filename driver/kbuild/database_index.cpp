#include "driver/kbuild/database_index.h"

#include "driver/kbuild/database_index_generated.h"
#include "driver/kbuild/json_reader.h"
#include "driver/kbuild/unit_macros.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace bhlint {

using llvm::StringRef;
namespace wire = kbuild::wire;

namespace {

constexpr std::uint32_t version = 2;

/// The unit at this entry; nothing if another one lies there, or none.
std::optional<RecordedUnit> readEntry(StringRef text, const DatabaseIndex &index, const DatabaseIndex::Entry &entry,
                                      CompileDatabase &database) {
  if (entry.offset > text.size() || entry.size > text.size() - entry.offset)
    return std::nullopt;
  PaddedText padded = PaddedText::copyOf(text.substr(entry.offset, entry.size), index.source);
  std::optional<RecordedUnit> unit = readJsonEntry(padded, llvm::sys::path::parent_path(index.source));
  if (!unit || unit->path != entry.path)
    return std::nullopt;
  database.texts.push_back(std::move(padded.buffer));
  return unit;
}

} // namespace

std::optional<DatabaseIndex> DatabaseIndex::of(const CompileDatabase &database) {
  if (database.texts.size() != 1)
    return std::nullopt;
  StringRef text = database.texts.front()->getBuffer();
  DatabaseIndex index{database.source, database.tree, {}};
  for (const RecordedUnit &unit : database.units) {
    if (unit.entry.begin() < text.begin() || unit.entry.end() > text.end())
      return std::nullopt;
    index.entries.push_back({unit.path, static_cast<std::uint64_t>(unit.entry.begin() - text.begin()),
                             unit.entry.size(), recordedModule(unit.command).str()});
  }
  return index;
}

std::string DatabaseIndex::write() const {
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  std::vector<flatbuffers::Offset<wire::Entry>> written;
  for (const Entry &entry : entries)
    written.push_back(wire::CreateEntry(builder, builder.CreateString(entry.path), entry.offset, entry.size,
                                        builder.CreateSharedString(entry.module)));
  auto from = builder.CreateString(source), root = builder.CreateString(tree);
  wire::FinishIndexBuffer(builder, wire::CreateIndex(builder, version, from, root, builder.CreateVector(written)));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

std::optional<DatabaseIndex> DatabaseIndex::read(StringRef bytes) {
  flatbuffers::Verifier::Options limits;
  limits.max_tables = 1u << 28; // one for each unit
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size(), limits);
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE || !wire::VerifyIndexBuffer(verifier))
    return std::nullopt;
  const wire::Index &from = *wire::GetIndex(bytes.data());
  if (from.version() != version)
    return std::nullopt;
  DatabaseIndex index{from.source()->str(), from.tree()->str(), {}};
  for (const wire::Entry *entry : *from.entries())
    index.entries.push_back({entry->path()->str(), entry->offset(), entry->size(), entry->kernel_module()->str()});
  return index;
}

std::optional<CompileDatabase> readIndexed(llvm::vfs::FileSystem &fileSystem, const DatabaseIndex &index,
                                           StringRef tree, llvm::ArrayRef<std::string> paths) {
  // Mapped, so that only the pages are read that are looked at.
  auto buffer = fileSystem.getBufferForFile(index.source, /*FileSize=*/-1, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return std::nullopt;
  std::vector<std::string> wanted;
  for (StringRef given : paths)
    wanted.push_back(absolutePath(tree, given));
  CompileDatabase database;
  database.source = index.source;
  database.tree = index.tree;
  for (const DatabaseIndex::Entry &entry : index.entries) {
    if (llvm::none_of(wanted, [&](const std::string &folder) { return liesIn(entry.path, folder); }))
      continue;
    std::optional<RecordedUnit> unit = readEntry((*buffer)->getBuffer(), index, entry, database);
    if (!unit)
      return std::nullopt;
    database.units.push_back(std::move(*unit));
  }
  return database;
}

} // namespace bhlint
