#include "driver/gate/diff.h"

#include "driver/gate/git.h"

namespace bhlint {

using llvm::StringRef;

std::vector<RawChange> parseRawChanges(StringRef text) {
  std::vector<RawChange> changes;
  const std::vector<StringRef> parts = splitAtZeros(text);
  for (std::size_t i = 0; i + 1 < parts.size();) {
    // ":100644 100644 <id> <id> R087", "old", ["new"]
    StringRef head = parts[i++];
    if (!head.consume_front(":"))
      continue;
    llvm::SmallVector<StringRef, 5> words;
    head.split(words, ' ');
    if (words.size() != 5 || words[4].empty())
      continue;
    RawChange change{words[0].str(), words[1].str(), words[2].str(), words[3].str(), words[4].front(), parts[i].str(),
                     parts[i].str()};
    ++i;
    if ((change.status == 'R' || change.status == 'C') && i < parts.size())
      change.newPath = parts[i++].str();
    changes.push_back(std::move(change));
  }
  return changes;
}

namespace {

/// "12,3" or "12": start and count.
bool parseRange(StringRef text, unsigned &start, unsigned &count) {
  auto [first, second] = text.split(',');
  count = 1;
  return !first.getAsInteger(10, start) && (second.empty() || !second.getAsInteger(10, count));
}

/// "@@ -1,2 +3,4 @@ ..."
bool parseHunkHead(StringRef line, Hunk &hunk) {
  if (!line.consume_front("@@ -"))
    return false;
  auto [oldRange, rest] = line.split(" +");
  return parseRange(oldRange, hunk.oldStart, hunk.oldCount) &&
         parseRange(rest.split(" @@").first, hunk.newStart, hunk.newCount);
}

} // namespace

std::map<std::string, std::vector<Hunk>> parseHunks(StringRef text) {
  std::map<std::string, std::vector<Hunk>> hunks;
  std::vector<Hunk> *current = nullptr;
  // Lines of a hunk are counted, since what they contain may look like a head.
  std::size_t bodyLines = 0;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    if (bodyLines != 0 && !line.starts_with("\\")) {
      --bodyLines;
      continue;
    }
    if (line.starts_with("diff --git "))
      current = nullptr;
    else if (line.consume_front("+++ b/"))
      current = &hunks[line.rtrim('\t').str()]; // git puts a tab behind names with blanks
    else if (Hunk hunk; parseHunkHead(line, hunk)) {
      bodyLines = std::size_t(hunk.oldCount) + hunk.newCount;
      if (current)
        current->push_back(hunk);
    }
  }
  return hunks;
}

bool isCFile(StringRef path) { return path.ends_with(".c") || path.ends_with(".h"); }

Changes changesOf(const std::vector<RawChange> &raw, StringRef patch) {
  Changes changes;
  std::map<std::string, std::vector<Hunk>> hunks = parseHunks(patch);
  for (const RawChange &change : raw) {
    if (!isCFile(change.oldPath) && !isCFile(change.newPath))
      continue;
    if (change.status == 'D') {
      changes.deleted.push_back(change.oldPath);
      continue;
    }
    if (change.status == 'R')
      changes.renames[change.oldPath] = change.newPath;
    FileChange &file = changes.files[change.newPath];
    file.oldFile = change.status == 'A' || change.status == 'C' ? "" : change.oldPath;
    if (auto found = hunks.find(change.newPath); found != hunks.end())
      file.hunks = std::move(found->second);
  }
  return changes;
}

} // namespace bhlint
