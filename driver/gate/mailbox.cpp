#include "driver/gate/mailbox.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>

namespace bhlint {

namespace {

using llvm::StringRef;
namespace fs = llvm::sys::fs;

/// The value of "Subject: ..." in what mailinfo prints.
std::string field(StringRef info, StringRef name) {
  llvm::SmallVector<StringRef, 8> lines;
  info.split(lines, '\n');
  for (StringRef line : lines)
    if (line.consume_front((name + ": ").str()))
      return line.trim().str();
  return {};
}

bool hasDiff(StringRef text) {
  return text.starts_with("diff --git ") || text.contains("\ndiff --git ") ||
         (text.contains("\n--- ") && text.contains("\n+++ ")) || (text.starts_with("--- ") && text.contains("\n+++ "));
}

} // namespace

llvm::Expected<std::vector<MailedPatch>> applyMailbox(const Git &git, ScratchFolder &scratch, const std::string &file,
                                                      const std::string &base, std::vector<std::string> &notes) {
  llvm::SmallString<256> mailbox(file);
  fs::make_absolute(mailbox);
  const std::string folder = scratch.newName(".mails"), index = scratch.newName(".mailindex");
  fs::create_directory(folder);
  llvm::Expected<std::string> count = git.run({"mailsplit", "-b", "-o" + folder, "--", mailbox.str().str()});
  if (!count)
    return llvm::createStringError(file + ": not a mailbox: " + llvm::toString(count.takeError()));
  std::vector<std::string> mails;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; entry != end && !error; entry.increment(error))
    mails.push_back(entry->path());
  std::sort(mails.begin(), mails.end());
  if (llvm::Expected<std::string> read = git.runAtTop({"read-tree", base}, index); !read)
    return read.takeError();

  std::vector<MailedPatch> patches;
  for (const std::string &mail : mails) {
    auto text = llvm::MemoryBuffer::getFile(mail);
    if (!text)
      return llvm::createStringError(mail + ": " + text.getError().message());
    const std::string message = scratch.newName(".message"), diff = scratch.newName(".diff");
    llvm::Expected<std::string> info = git.run({"mailinfo", "--encoding=UTF-8", message, diff}, (*text)->getBuffer());
    const std::string number = file + ": mail " + std::to_string(&mail - mails.data() + 1);
    if (!info)
      return llvm::createStringError(number + ": " + llvm::toString(info.takeError()));
    const std::string subject = field(*info, "Subject");
    auto body = llvm::MemoryBuffer::getFile(diff);
    if (!body || !hasDiff((*body)->getBuffer())) {
      notes.push_back(number + ", \"" + subject + "\", has no patch");
      continue;
    }
    if (auto applied = git.runAtTop({"apply", "--cached", "--whitespace=nowarn", "--", diff}, index); !applied)
      return llvm::createStringError(number + ", \"" + subject + "\", does not apply to " + StringRef(base).take_front(12) +
                     (patches.empty() ? "" : " and the patches before it") + ": " +
                     llvm::toString(applied.takeError()));
    llvm::Expected<std::string> tree = git.runAtTop({"write-tree"}, index);
    if (!tree)
      return tree.takeError();
    patches.push_back({{"", subject, field(*info, "Author") + " <" + field(*info, "Email") + ">"},
                       StringRef(*tree).trim().str()});
  }
  if (patches.empty())
    return llvm::createStringError(file + ": there is no patch in it");
  return patches;
}

} // namespace bhlint
