#include "driver/migrate/include_graph.h"
#include "driver/gate/users.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace path = llvm::sys::path;
using llvm::StringRef;

bool hasWord(StringRef text, StringRef word) {
  auto isPart = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  for (std::size_t at = text.find(word); at != StringRef::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !isPart(text[at - 1])) && (end == text.size() || !isPart(text[end])))
      return true;
  }
  return false;
}

StringRef IncludeGraph::textOf(const std::string &file) {
  auto [entry, isNew] = texts.try_emplace(file);
  if (isNew)
    if (auto buffer = llvm::MemoryBuffer::getFile(path::is_absolute(file) ? file : tree + "/" + file))
      entry->second = (*buffer)->getBuffer().str();
  return entry->second;
}

const IncludeGraph::Includers &IncludeGraph::scan(const std::string &folder) {
  auto [entry, isNew] = folders.try_emplace(folder);
  if (!isNew)
    return entry->second;
  Includers &includers = entry->second;
  const std::string root = tree + "/" + folder;
  std::error_code error;
  for (llvm::sys::fs::recursive_directory_iterator file(root, error), end; file != end && !error;
       file.increment(error)) {
    StringRef name = file->path();
    if (file->type() != llvm::sys::fs::file_type::regular_file || !(name.ends_with(".c") || name.ends_with(".h")))
      continue;
    auto buffer = llvm::MemoryBuffer::getFile(name);
    if (!buffer)
      continue;
    const std::string relative = name.drop_front(tree.size() + 1).str();
    scanned.insert(relative);
    StringRef text = (*buffer)->getBuffer();
    for (std::size_t at = text.find("include"); at != StringRef::npos; at = text.find("include", at + 1)) {
      const StringRef before = text.take_front(at).rtrim(" \t");
      if (!before.ends_with("#"))
        continue;
      const StringRef included = includedText(text.substr(at).take_until([](char c) { return c == '\n'; }));
      if (!included.empty())
        includers[path::filename(included).str()].emplace_back(relative, included.str());
    }
  }
  return includers;
}

/// A header that lies beside the file is the one that it includes: many drivers have one of the same name.
bool IncludeGraph::mayInclude(const std::string &file, StringRef included, StringRef header) const {
  llvm::SmallString<256> beside(path::parent_path(file));
  path::append(beside, included);
  path::remove_dots(beside, /*remove_dot_dot=*/true);
  return scanned.count(beside.str().str()) ? beside == header : mayMean(file, included, header);
}

std::set<std::string> IncludeGraph::usersOf(const std::string &header, const std::set<std::string> &words) {
  const Includers &includers = scan(subsystem(header).str());
  std::set<std::string> seen{header}, users;
  std::vector<std::string> open{header};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    auto found = includers.find(path::filename(next).str());
    if (found == includers.end())
      continue;
    for (const auto &[file, included] : found->second) {
      if (!mayInclude(file, included, next) || !seen.insert(file).second)
        continue;
      if (StringRef(file).ends_with(".h"))
        open.push_back(file);
      if (llvm::any_of(words, [&](const std::string &word) { return hasWord(textOf(file), word); }))
        users.insert(file);
    }
  }
  return users;
}

} // namespace bhlint
