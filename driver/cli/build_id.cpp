#include "driver/cli/build_id.h"

#include <cstdint>
#include <cstring>

#include <elf.h>
#include <link.h>

namespace bhlint {

namespace {

constexpr std::size_t noteAlignment = 4;

std::size_t aligned(std::size_t size) { return (size + noteAlignment - 1) / noteAlignment * noteAlignment; }

/// The build ID among the notes of one segment; empty if it isn't there.
std::string buildIdIn(const char *notes, std::size_t size) {
  constexpr char owner[] = ELF_NOTE_GNU;
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes, sizeof header);
    std::size_t nameSize = aligned(header.n_namesz);
    std::size_t whole = sizeof header + nameSize + aligned(header.n_descsz);
    if (whole > size)
      break;
    const char *name = notes + sizeof header;
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == sizeof owner &&
        std::memcmp(name, owner, sizeof owner) == 0)
      return {name + nameSize, header.n_descsz};
    notes += whole;
    size -= whole;
  }
  return {};
}

std::string buildIdOf(const dl_phdr_info &object) {
  std::string id;
  for (unsigned i = 0; i < object.dlpi_phnum && id.empty(); ++i) {
    const ElfW(Phdr) &segment = object.dlpi_phdr[i];
    if (segment.p_type == PT_NOTE)
      id = buildIdIn(reinterpret_cast<const char *>(object.dlpi_addr + segment.p_vaddr), segment.p_memsz);
  }
  return id;
}

/// Called for the program first, then for its libraries.
int takeFirst(dl_phdr_info *object, std::size_t, void *out) {
  *static_cast<std::string *>(out) = buildIdOf(*object);
  return 1;
}

int takeLibrary(dl_phdr_info *object, std::size_t, void *out) {
  const std::string name = object->dlpi_name ? object->dlpi_name : "";
  if (!name.empty() && !name.starts_with("linux-")) // the program; what the running kernel brings
    *static_cast<std::string *>(out) += buildIdOf(*object);
  return 0;
}

} // namespace

std::string buildId() {
  std::string id;
  dl_iterate_phdr(takeFirst, &id);
  return id;
}

std::string libraryBuildIds() {
  std::string ids;
  dl_iterate_phdr(takeLibrary, &ids);
  return ids;
}

} // namespace bhlint
