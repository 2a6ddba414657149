#include "driver/cli/prelude_image.h"

#include "analysis/cache/packed_bytes.h"
#include "driver/cli/prelude_image_generated.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace wire = prelude::wire;
using llvm::StringRef;

namespace {

constexpr std::uint32_t version = 1;
using NamedFilesMap = llvm::StringMap<std::vector<std::string>>;

/// One without files on disk, and with the names of some that may be another process's: they stay.
struct PreludeInMemory : Prelude {
  ~PreludeInMemory() { pch = "/dev/null/none.pch"; }
};

class Writer {
public:
  std::string write(const Prelude &prelude, StringRef textPath, StringRef text) {
    auto testers = named(prelude.testers), definers = named(prelude.definers), includes = named(prelude.includes);
    auto pch = builder.CreateString(prelude.pch), written = builder.CreateString(text.data(), text.size()),
         path = builder.CreateString(textPath.data(), textPath.size());
    auto macros = builder.CreateVectorOfStrings(prelude.macros),
         headers = builder.CreateVectorOfStrings(prelude.headers), defaults = keys(prelude.defaults),
         decorators = keys(prelude.decorators), allFiles = builder.CreateVectorOfStrings(files);
    builder.Finish(wire::CreatePrelude(builder, version, pch, written, path, macros, headers, defaults, decorators,
                                       allFiles, testers, definers, includes));
    return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
  }

private:
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::Named>>> named(const NamedFilesMap &map) {
    std::vector<flatbuffers::Offset<wire::Named>> out;
    for (const auto &entry : map) {
      std::vector<std::uint32_t> list;
      for (const std::string &file : entry.second)
        list.push_back(numberOf(file));
      auto name = builder.CreateString(entry.getKey().data(), entry.getKey().size());
      out.push_back(wire::CreateNamed(builder, name, builder.CreateVector(list)));
    }
    return builder.CreateVector(out);
  }

  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>>
  keys(const llvm::StringSet<> &set) {
    std::vector<std::string> out;
    for (const auto &entry : set)
      out.push_back(entry.getKey().str());
    return builder.CreateVectorOfStrings(out);
  }

  std::uint32_t numberOf(const std::string &file) {
    auto [entry, isNew] = numbers.try_emplace(file, static_cast<std::uint32_t>(files.size()));
    if (isNew)
      files.push_back(file);
    return entry->second;
  }

  flatbuffers::FlatBufferBuilder builder{4 << 20};
  llvm::StringMap<std::uint32_t> numbers;
  std::vector<std::string> files;
};

using WireStrings = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

std::vector<std::string> stringsOf(const WireStrings &from) {
  std::vector<std::string> out;
  for (const flatbuffers::String *one : from)
    out.push_back(one->str());
  return out;
}

void insertAll(const WireStrings &from, llvm::StringSet<> &into) {
  for (const flatbuffers::String *one : from)
    into.insert(StringRef(one->c_str(), one->size()));
}

/// False: a number names no file.
bool readNamed(const flatbuffers::Vector<flatbuffers::Offset<wire::Named>> &from, const WireStrings &files,
               NamedFilesMap &into) {
  for (const wire::Named *entry : from) {
    std::vector<std::string> &list = into[StringRef(entry->name()->c_str(), entry->name()->size())];
    list.reserve(entry->files()->size());
    for (std::uint32_t number : *entry->files()) {
      if (number >= files.size())
        return false;
      list.push_back(files.Get(number)->str());
    }
  }
  return true;
}

std::shared_ptr<PreludeImage> readWire(StringRef bytes) {
  flatbuffers::Verifier::Options limits;
  limits.max_tables = 1u << 28; // one for each macro
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size(), limits);
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE || !wire::VerifyPreludeBuffer(verifier))
    return nullptr;
  const wire::Prelude &from = *wire::GetPrelude(bytes.data());
  if (from.version() != version)
    return nullptr;
  auto prelude = std::make_shared<PreludeInMemory>();
  prelude->pch = from.pch()->str();
  prelude->macros = stringsOf(*from.macros());
  prelude->headers = stringsOf(*from.headers());
  insertAll(*from.defaults(), prelude->defaults);
  insertAll(*from.decorators(), prelude->decorators);
  if (!readNamed(*from.testers(), *from.files(), prelude->testers) ||
      !readNamed(*from.definers(), *from.files(), prelude->definers) ||
      !readNamed(*from.includes(), *from.files(), prelude->includes))
    return nullptr;
  auto image = std::make_shared<PreludeImage>();
  image->prelude = std::move(prelude);
  image->text = from.text()->str();
  image->textPath = from.text_path()->str();
  return image;
}

} // namespace

void PreludeImage::addFiles(llvm::vfs::InMemoryFileSystem &files) const {
  for (const auto &[path, contents] : {std::pair(&prelude->pch, &pch), std::pair(&textPath, &text)})
    files.addFileNoOwn(*path, /*ModificationTime=*/0, llvm::MemoryBufferRef(*contents, *path));
}

// What is said of it, and behind that the precompiled header: each packed, the length of the first before them.

std::optional<std::string> writePrelude(const Prelude &prelude) {
  llvm::SmallString<256> textPath(prelude.pch);
  llvm::sys::path::replace_extension(textPath, "h"); // as buildPrelude() has it
  auto pch = llvm::MemoryBuffer::getFile(prelude.pch, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  auto text = llvm::MemoryBuffer::getFile(textPath);
  if (!pch || !text)
    return std::nullopt;
  std::string what = packBytes(Writer().write(prelude, textPath, (*text)->getBuffer()));
  char length[sizeof(std::uint64_t)];
  llvm::support::endian::write64le(length, what.size());
  return std::string(length, sizeof length) + what + packBytes((*pch)->getBuffer());
}

std::shared_ptr<const PreludeImage> readPrelude(StringRef bytes) {
  if (bytes.size() < sizeof(std::uint64_t))
    return nullptr;
  std::uint64_t length = llvm::support::endian::read64le(bytes.data());
  bytes = bytes.drop_front(sizeof length);
  if (length > bytes.size())
    return nullptr;
  std::optional<std::string> what = unpackBytes(bytes.take_front(length));
  std::shared_ptr<PreludeImage> image = what ? readWire(*what) : nullptr;
  std::optional<std::string> pch = image ? unpackBytes(bytes.drop_front(length)) : std::nullopt;
  if (!pch || pch->empty())
    return nullptr;
  image->pch = std::move(*pch);
  return image;
}

} // namespace bhlint
