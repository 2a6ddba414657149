#include "driver/gate/series.h"

#include "analysis/findings/settings.h"

#include "driver/gate/diff.h"
#include "driver/gate/mailbox.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/FileSystem.h"

namespace bhlint {

namespace {

using llvm::StringRef;

/// More are not a patch's doing: the tree on disk is another one.
constexpr std::size_t mostDifferences = 20000;

/// Which contents a file has in a state of the tree: by id, or none. A link is none: it may lead anywhere.
using TreeIds = std::map<std::string, std::optional<std::string>>;

bool isRegular(StringRef mode) { return mode.starts_with("100"); }
bool isLink(StringRef mode) { return mode == "120000"; }

std::vector<std::string> rawDiff(const char *command, std::vector<std::string> options,
                                 std::vector<std::string> trees) {
  std::vector<std::string> words{command, "-r", "--relative", "--no-ext-diff", "--no-textconv", "--no-color"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), trees.begin(), trees.end());
  words.emplace_back("--");
  return words;
}

/// What git says of one difference.
struct DiffOutput {
  std::vector<RawChange> raw;
  Changes changes;
};

/// Reads series; what all ways of giving one have in common.
class SeriesReader {
public:
  SeriesReader(const Git &git, ScratchFolder &scratch) : git(git), scratch(scratch) {}

  llvm::Expected<Series> run(const SeriesRequest &request) {
    llvm::Expected<std::string> asked = git.commit(request.base);
    if (!asked)
      return asked.takeError();
    series.base = *asked;
    if (llvm::Error error = request.mailbox.empty() ? addCommits(request) : addMails(request.mailbox))
      return error;
    if (llvm::Error error = readContents())
      return error;
    return std::move(series);
  }

private:
  /// The commits since the merge base, one step each; merged ones are one step together.
  llvm::Error addCommits(const SeriesRequest &request) {
    llvm::Expected<std::string> head = git.commit(request.head.empty() ? "HEAD" : request.head);
    if (!head)
      return head.takeError();
    llvm::Expected<std::string> common = git.run({"merge-base", series.base, *head});
    if (!common) {
      llvm::consumeError(common.takeError());
      return llvm::createStringError("'" + request.base + "' and '" + (request.head.empty() ? "HEAD" : request.head) +
                     "' have no common ancestor here; in a shallow clone, fetch more of the history first");
    }
    series.base = StringRef(*common).trim().str();
    series.head = *head;
    if (llvm::Error error = begin())
      return error;
    llvm::Expected<std::string> log = git.run({"rev-list", "--reverse", "--topo-order", "--no-commit-header",
                                               "--format=%H%x00%P%x00%an <%ae>%x00%s%x00", series.base + ".." + *head});
    if (!log)
      return log.takeError();
    const std::vector<StringRef> parts = splitAtZeros(*log);
    std::vector<Patch> patches;
    bool hasMerge = false;
    for (std::size_t i = 0; i + 3 < parts.size(); i += 4) {
      hasMerge |= parts[i + 1].contains(' ');
      patches.push_back({parts[i].ltrim('\n').str(), parts[i + 3].str(), parts[i + 2].str()});
    }
    if (hasMerge) {
      series.notes.push_back("there are merges among the " + std::to_string(patches.size()) +
                             " commits; they are looked at as one patch");
      patches = {{*head, patches.back().subject, patches.back().author}};
    }
    for (Patch &patch : patches) {
      std::string id = patch.id;
      if (llvm::Error error = addStep(std::move(patch), id))
        return error;
    }
    return request.useWorktree ? addWorktree() : llvm::Error::success();
  }

  llvm::Error addMails(const std::string &file) {
    if (llvm::Error error = begin())
      return error;
    llvm::Expected<std::vector<MailedPatch>> mails = applyMailbox(git, scratch, file, series.base, series.notes);
    if (!mails)
      return mails.takeError();
    for (MailedPatch &mail : *mails)
      if (llvm::Error error = addStep(std::move(mail.patch), mail.tree))
        return error;
    return llvm::Error::success();
  }

  /// How the base differs from what is on disk.
  llvm::Error begin() {
    llvm::Expected<std::string> raw = git.run(rawDiff("diff-index", {"--raw", "-z", "--no-renames"}, {series.base}));
    if (!raw)
      return raw.takeError();
    std::vector<RawChange> changes = parseRawChanges(*raw);
    if (changes.size() > mostDifferences)
      return llvm::createStringError(git.tree() + " differs from the base " + StringRef(series.base).take_front(12) + " in " +
                     llvm::Twine(changes.size()) + " files; check out a revision that is near to it");
    for (const RawChange &change : changes)
      note(change.oldPath, change.oldMode, change.oldId);
    last = series.base;
    ids.push_back(current);
    return llvm::Error::success();
  }

  llvm::Expected<DiffOutput> diffOf(const char *command, std::vector<std::string> trees) {
    llvm::Expected<std::string> text =
        git.run(rawDiff(command, {"--raw", "-p", "-z", "-U0", "-M", "--text", "--src-prefix=a/", "--dst-prefix=b/"},
                        std::move(trees)));
    if (!text)
      return text.takeError();
    auto [raw, patch] = StringRef(*text).split(StringRef("\0\0", 2)); // no path is empty
    DiffOutput output{parseRawChanges(raw), {}};
    output.changes = changesOf(output.raw, patch);
    return output;
  }

  llvm::Error addStep(Patch patch, const std::string &tree) {
    llvm::Expected<DiffOutput> diff = diffOf("diff-tree", {last, tree});
    if (!diff)
      return diff.takeError();
    for (const RawChange &change : diff->raw) {
      if (change.status == 'R' || change.status == 'D')
        note(change.oldPath, "000000", "");
      if (change.status != 'D')
        note(change.newPath, change.newMode, change.newId);
      if (isLink(change.newMode))
        series.notes.push_back(change.newPath + ": a symbolic link in " +
                               (patch.subject.empty() ? "the patch" : "\"" + patch.subject + "\"") +
                               "; it is not followed");
    }
    series.steps.push_back({std::move(patch), std::move(diff->changes), {}});
    ids.push_back(current);
    last = tree;
    return llvm::Error::success();
  }

  /// What is on disk, if it differs from the last commit; new files that git would add, too.
  llvm::Error addWorktree() {
    llvm::Expected<DiffOutput> diff = diffOf("diff-index", {last});
    if (!diff)
      return diff.takeError();
    llvm::Expected<std::string> others =
        git.run({"ls-files", "--others", "--exclude-standard", "-z", "--", "."});
    if (!others)
      return others.takeError();
    Changes &lines = diff->changes;
    for (StringRef path : splitAtZeros(*others))
      if (isCFile(path))
        addUntracked(path.str(), lines);
    const bool isDirty = !lines.files.empty() || !lines.deleted.empty();
    if (!isDirty && !series.steps.empty())
      return llvm::Error::success();
    series.head.clear();
    current.clear(); // the disk itself
    series.steps.push_back({{"", "the work tree", ""}, std::move(lines), {}});
    ids.push_back(current);
    return llvm::Error::success();
  }

  void addUntracked(const std::string &path, Changes &changes) const {
    const std::string full = git.tree() + "/" + path;
    if (llvm::sys::fs::is_symlink_file(full))
      return;
    auto buffer = llvm::MemoryBuffer::getFile(full);
    if (!buffer)
      return;
    const auto lines = static_cast<unsigned>((*buffer)->getBuffer().count('\n') + 1);
    changes.files[path].hunks = {{0, 0, 1, lines}};
  }

  /// What is looked at of a state of the tree.
  static bool isWanted(StringRef path) {
    StringRef name = path.substr(path.rfind('/') + 1); // npos + 1 == 0
    return isCFile(path) || name == settingsFile || name == "Makefile" || name == "Kbuild";
  }

  void note(const std::string &path, StringRef mode, const std::string &id) {
    if (isWanted(path))
      current[path] = isRegular(mode) ? std::optional(id) : std::nullopt;
  }

  /// Replaces ids by contents, each one asked for once.
  llvm::Error readContents() {
    std::string wanted;
    std::set<std::string> seen;
    for (const TreeIds &state : ids)
      for (const auto &[path, id] : state)
        if (id && seen.insert(*id).second)
          wanted += *id + "\n";
    llvm::StringMap<StringRef> contents;
    std::string output;
    if (!wanted.empty()) {
      llvm::Expected<std::string> batch = git.run({"cat-file", "--batch"}, wanted);
      if (!batch)
        return batch.takeError();
      output = std::move(*batch);
    }
    for (StringRef rest = output; !rest.empty();) { // "<id> blob <size>\n<contents>\n"
      auto [head, body] = rest.split('\n');
      llvm::SmallVector<StringRef, 3> words;
      head.split(words, ' ');
      std::size_t size = 0;
      if (words.size() != 3 || words[2].getAsInteger(10, size) || size > body.size())
        return llvm::createStringError("git cat-file: " + head.take_front(200));
      contents[words[0]] = body.take_front(size);
      rest = body.drop_front(size);
      rest.consume_front("\n");
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      TreeDifference &difference = i == 0 ? series.before : series.steps[i - 1].after;
      for (const auto &[path, id] : ids[i])
        difference[path] = id ? std::optional(contents.lookup(*id).str()) : std::nullopt;
    }
    return llvm::Error::success();
  }

  const Git &git;
  ScratchFolder &scratch;
  Series series;
  std::string last;  ///< commit or tree of the last state
  TreeIds current;   ///< the last state
  std::vector<TreeIds> ids; ///< of the base and after each step
};

} // namespace

llvm::Expected<Series> readSeries(const Git &git, ScratchFolder &scratch, const SeriesRequest &request) {
  return SeriesReader(git, scratch).run(request);
}

} // namespace bhlint
