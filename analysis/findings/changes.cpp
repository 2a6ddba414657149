#include "analysis/findings/changes.h"

#include <algorithm>

namespace bhlint {

std::string Changes::newName(const std::string &oldFile) const {
  auto renamed = renames.find(oldFile);
  return renamed == renames.end() ? oldFile : renamed->second;
}

const FileChange *Changes::find(const std::string &newFile) const {
  auto found = files.find(newFile);
  return found == files.end() ? nullptr : &found->second;
}

unsigned Changes::newLine(const std::string &newFile, unsigned oldLine) const {
  const FileChange *change = find(newFile);
  if (!change)
    return oldLine;
  long shift = 0;
  for (const Hunk &hunk : change->hunks) {
    const unsigned begin = hunk.oldCount == 0 ? hunk.oldStart + 1 : hunk.oldStart; // first line that it touches
    if (oldLine < begin)
      break;
    if (oldLine < begin + hunk.oldCount)
      return std::max(hunk.newStart, 1u);
    shift += static_cast<long>(hunk.newCount) - static_cast<long>(hunk.oldCount);
  }
  return static_cast<unsigned>(std::max(1l, static_cast<long>(oldLine) + shift));
}

bool Changes::isChanged(const std::string &newFile, unsigned line) const {
  const FileChange *change = find(newFile);
  return change && std::any_of(change->hunks.begin(), change->hunks.end(), [&](const Hunk &hunk) {
           return line >= hunk.newStart && line < hunk.newStart + hunk.newCount;
         });
}

unsigned Changes::firstChange(const std::string &newFile, unsigned first, unsigned last) const {
  const FileChange *change = find(newFile);
  if (!change)
    return 0;
  for (const Hunk &hunk : change->hunks) {
    const unsigned begin = hunk.newCount == 0 ? hunk.newStart + 1 : hunk.newStart;
    const unsigned end = begin + std::max(hunk.newCount, 1u) - 1;
    if (begin <= last && end >= first)
      return std::max(begin, first);
  }
  return 0;
}

} // namespace bhlint
