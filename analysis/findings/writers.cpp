#include "analysis/findings/writers.h"

#include "analysis/findings/write_json.h"
#include "analysis/findings/write_text.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {
constexpr Writer table[] = {
    {"text", writeText},     {"json", writeJson},     {"sarif", writeSarif, /*countsCharacters=*/true},
    {"github", writeGithub}, {"gitlab", writeGitlab}, {"junit", writeJunit},
    {"mail", writeMail},
};
} // namespace

llvm::ArrayRef<Writer> writers() { return table; }

const Writer *findWriter(llvm::StringRef name) {
  const auto *found = llvm::find_if(table, [&](const Writer &writer) { return name == writer.name; });
  return found == std::end(table) ? nullptr : found;
}

std::vector<std::string> writerNames() {
  std::vector<std::string> names;
  for (const Writer &writer : table)
    names.emplace_back(writer.name);
  return names;
}

} // namespace bhlint
