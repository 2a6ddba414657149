#include "analysis/shard/shard_file.h"

#include "analysis/cache/packed_bytes.h"
#include "analysis/cache/sealed_file.h"
#include "analysis/facts/flat_unit.h"
#include "analysis/facts/serialize.h"
#include "analysis/shard/shard_generated.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace bhlint {

namespace wire = shard::wire;

namespace {

constexpr StringLiteral magic = "BHSHARD1";
constexpr StringLiteral suffix = ".facts";
constexpr std::uint32_t shardVersion = 1;
constexpr std::size_t headerSize = magic.size() + Digest::size + sizeof(std::uint64_t);

Digest digestOf(StringRef bytes) { return Hasher().add(bytes).finish(); }

wire::Digest toWire(const Digest &digest) {
  return {support::endian::read64le(digest.bytes.data()), support::endian::read64le(digest.bytes.data() + 8)};
}

Digest fromWire(const wire::Digest &digest) {
  Digest out;
  support::endian::write64le(out.bytes.data(), digest.first());
  support::endian::write64le(out.bytes.data() + 8, digest.second());
  return out;
}

//===-------------------------------------------------------------------------------------------------- writing ---===//

std::string writeIndex(const ShardIndex &index) {
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  auto text = [&](const std::string &string) { return builder.CreateString(string); };
  std::vector<flatbuffers::Offset<flatbuffers::String>> allUnits;
  for (const std::string &unit : index.allUnits)
    allUnits.push_back(text(unit));
  std::vector<flatbuffers::Offset<wire::Constant>> constants;
  for (const ShardConstant &constant : index.constants)
    constants.push_back(wire::CreateConstant(builder, text(constant.name), constant.isKnown, constant.value));
  std::vector<flatbuffers::Offset<wire::Unit>> units;
  for (const ShardUnit &unit : index.units) {
    wire::Digest digest = toWire(unit.digest);
    units.push_back(wire::CreateUnit(builder, unit.position, text(unit.error), unit.offset, unit.size, &digest));
  }
  std::vector<flatbuffers::Offset<wire::Source>> sources;
  for (const ShardSource &source : index.sources)
    sources.push_back(wire::CreateSource(builder, text(source.path), text(source.text)));
  std::vector<flatbuffers::Offset<wire::Input>> inputs;
  for (const ShardInput &input : index.inputs) {
    wire::Digest contents = toWire(input.contents);
    inputs.push_back(wire::CreateInput(builder, text(input.path), static_cast<std::uint8_t>(input.kind), &contents));
  }
  wire::Digest commands = toWire(index.commands);
  auto tool = text(index.tool), tree = text(index.tree), version = text(index.kernelVersion);
  auto root =
      wire::CreateIndex(builder, shardVersion, tool, index.shard.number, index.shard.count, tree, version,
                        builder.CreateVector(allUnits), &commands, builder.CreateVector(constants),
                        builder.CreateVector(units), builder.CreateVector(sources), builder.CreateVector(inputs));
  wire::FinishIndexBuffer(builder, root);
  return packBytes(StringRef(reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()));
}

//===-------------------------------------------------------------------------------------------------- reading ---===//

Error broken(const std::string &path, const Twine &what) {
  return createStringError(path + ": " + what + "; make this shard again");
}

ShardIndex readIndex(const wire::Index &from) {
  ShardIndex index;
  index.tool = from.tool()->str();
  index.shard = {from.number(), from.count()};
  index.tree = from.tree()->str();
  index.kernelVersion = from.kernel_version()->str();
  for (const flatbuffers::String *unit : *from.all_units())
    index.allUnits.push_back(unit->str());
  index.commands = fromWire(*from.commands());
  for (const wire::Constant *constant : *from.constants())
    index.constants.push_back({constant->name()->str(), constant->is_known(), constant->value()});
  for (const wire::Unit *unit : *from.units())
    index.units.push_back(
        {unit->position(), unit->error()->str(), unit->offset(), unit->size(), fromWire(*unit->digest())});
  for (const wire::Source *source : *from.sources())
    index.sources.push_back({source->path()->str(), source->text()->str()});
  for (const wire::Input *input : *from.inputs())
    index.inputs.push_back(
        {input->path()->str(), static_cast<FileState::Kind>(input->kind()), fromWire(*input->contents())});
  return index;
}

/// What no digest tells: a shard that some other program has put together.
bool isConsistent(const ShardIndex &index, std::size_t payloadSize) {
  if (index.shard.number == 0 || index.shard.number > index.shard.count || index.shard.count > maxShards)
    return false;
  std::vector<unsigned> shards = assignShards(index.allUnits, index.shard.count);
  std::size_t next = 0;
  for (std::size_t position = 0; position < shards.size(); ++position)
    if (shards[position] == index.shard.number) {
      if (next == index.units.size() || index.units[next].position != position)
        return false;
      ++next;
    }
  return next == index.units.size() && all_of(index.units, [&](const ShardUnit &unit) {
           return unit.offset <= payloadSize && unit.size <= payloadSize - unit.offset;
         });
}

} // namespace

std::string shardFileName(ShardNumber shard) {
  return "shard-" + std::to_string(shard.number) + "-of-" + std::to_string(shard.count) + suffix.str();
}

bool isShardFileName(StringRef name) { return name.starts_with("shard-") && name.ends_with(suffix); }

std::string packFacts(const facts::UnitFacts &facts) { return packBytes(facts::serialize(facts)); }

Expected<facts::UnitFacts> unpackFacts(StringRef packed) {
  std::optional<std::string> bytes = unpackBytes(packed);
  if (!bytes)
    return createStringError("the facts are damaged");
  return facts::deserialize(*bytes);
}

Expected<std::unique_ptr<const facts::FlatUnit>> openFacts(StringRef packed) {
  std::optional<std::string> bytes = unpackBytes(packed);
  if (!bytes)
    return createStringError("the facts are damaged");
  return facts::FlatUnit::open(std::move(*bytes));
}

Error writeShard(const std::string &path, ShardIndex index, ArrayRef<std::string> packedFacts) {
  assert(packedFacts.size() == index.units.size());
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < packedFacts.size(); ++i) {
    index.units[i].offset = offset;
    index.units[i].size = packedFacts[i].size();
    index.units[i].digest = digestOf(packedFacts[i]);
    offset += packedFacts[i].size();
  }
  std::string packedIndex = writeIndex(index);
  std::string header = magic.str();
  header += digestOf(packedIndex).view();
  char size[sizeof(std::uint64_t)];
  support::endian::write64le(size, packedIndex.size());
  header.append(size, sizeof size);
  std::vector<StringRef> pieces{header, packedIndex};
  pieces.insert(pieces.end(), packedFacts.begin(), packedFacts.end());
  // Unlike the cache's files, these are made to be handed on.
  constexpr unsigned readableByOthers = 0666;
  return writeFileAtOnce(path, sys::path::parent_path(path).str(), pieces, readableByOthers);
}

Expected<ShardFile> ShardFile::open(const std::string &path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), path + ": " + buffer.getError().message());
  StringRef bytes = (*buffer)->getBuffer();
  if (!bytes.starts_with(magic))
    return broken(path, "this is not a shard of facts");
  if (bytes.size() < headerSize)
    return broken(path, "the file ends too early");
  Digest seal = Digest::read(bytes.drop_front(magic.size()));
  std::uint64_t indexSize = support::endian::read64le(bytes.data() + magic.size() + Digest::size);
  bytes = bytes.drop_front(headerSize);
  if (indexSize > bytes.size())
    return broken(path, "the file ends too early");
  StringRef packedIndex = bytes.take_front(indexSize);
  if (digestOf(packedIndex) != seal)
    return broken(path, "the index is damaged");
  std::optional<std::string> index = unpackBytes(packedIndex);
  if (!index)
    return broken(path, "the index is damaged");
  const auto *indexBytes = reinterpret_cast<const std::uint8_t *>(index->data());
  flatbuffers::Verifier::Options limits;
  limits.max_tables = 1u << 28; // a table for each input of a whole tree
  flatbuffers::Verifier verifier(indexBytes, index->size(), limits);
  if (index->size() >= FLATBUFFERS_MAX_BUFFER_SIZE || !wire::VerifyIndexBuffer(verifier))
    return broken(path, "the index is damaged");
  const wire::Index &root = *wire::GetIndex(indexBytes);
  if (root.version() != shardVersion)
    return broken(path, "the file is of format " + Twine(root.version()) + ", this program reads format " +
                            Twine(shardVersion));
  ShardFile file;
  file.contents = readIndex(root);
  file.payload = bytes.drop_front(indexSize);
  if (!isConsistent(file.contents, file.payload.size()))
    return broken(path, "the index contradicts itself");
  file.filePath = path;
  file.buffer = std::move(*buffer);
  return file;
}

Expected<StringRef> ShardFile::packedFacts(std::size_t n) const {
  const ShardUnit &unit = contents.units[n];
  StringRef packed = payload.substr(unit.offset, unit.size);
  if (digestOf(packed) != unit.digest)
    return broken(filePath, "the facts of " + contents.allUnits[unit.position] + " are damaged");
  return packed;
}

} // namespace bhlint
