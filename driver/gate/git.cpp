#include "driver/gate/git.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

namespace bhlint {

namespace {

namespace fs = llvm::sys::fs;

/// What a repository could have git run, and what would make its output depend on who runs it.
constexpr const char *settings[] = {
    "core.hooksPath=/dev/null", "core.fsmonitor=false",  "core.attributesFile=/dev/null",
    "core.quotePath=false",     "core.pager=cat",        "core.untrackedCache=false",
    "diff.external=",           "diff.noprefix=false",   "diff.mnemonicPrefix=false",
    "diff.renameLimit=2000",    "diff.algorithm=myers",  "diff.suppressBlankEmpty=false",
    "diff.submodule=short",     "submodule.recurse=false", "log.showSignature=false",
    "am.threeWay=false",        "apply.whitespace=nowarn", "safe.directory=*",
    "protocol.allow=never",     "gc.auto=0",             "maintenance.auto=false"};

std::string readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : std::string();
}

std::string firstLines(llvm::StringRef text) {
  constexpr std::size_t most = 600;
  return text.trim().take_front(most).str();
}

} // namespace

llvm::Expected<std::unique_ptr<ScratchFolder>> ScratchFolder::make() {
  llvm::SmallString<128> path;
  if (std::error_code error = fs::createUniqueDirectory("bhlint-gate", path))
    return llvm::createStringError("no scratch folder could be made: " + error.message());
  return std::unique_ptr<ScratchFolder>(new ScratchFolder(path.str().str()));
}

ScratchFolder::~ScratchFolder() { fs::remove_directories(folder); }

std::string ScratchFolder::newName(llvm::StringRef suffix) {
  return folder + "/" + std::to_string(count++) + suffix.str();
}

llvm::Expected<Git> Git::open(const std::string &tree, ScratchFolder &scratch) {
  Git git;
  auto program = llvm::sys::findProgramByName("git");
  if (!program)
    return llvm::createStringError("there is no git here; a gate needs it");
  git.program = *program;
  git.treeFolder = tree;
  git.scratch = &scratch;
  // Each call of git costs as much as what it does here.
  auto places =
      git.run({"rev-parse", "--show-prefix", "--show-toplevel", "--git-path", "objects", "--git-path", "index"});
  if (!places)
    return llvm::createStringError(tree + " is not in a git repository (" + llvm::toString(places.takeError()) +
                   "); a gate compares revisions");
  llvm::SmallVector<llvm::StringRef, 4> lines;
  llvm::StringRef(*places).rtrim().split(lines, '\n');
  if (lines.size() != 4)
    return llvm::createStringError(tree + ": git does not say where its repository is");
  auto absolute = [&](llvm::StringRef path) {
    llvm::SmallString<256> full(path);
    fs::make_absolute(tree, full);
    return full.str().str();
  };
  git.treePrefix = lines[0].str();
  git.top = lines[1].str();
  git.objects = absolute(lines[2]);
  std::string index = scratch.newName(".index");
  if (fs::exists(absolute(lines[3]))) {
    if (std::error_code error = fs::copy_file(absolute(lines[3]), index))
      return llvm::createStringError("the repository's index can't be read: " + error.message());
    git.ownIndex = index;
    // Who makes a fresh copy of a tree has an index that knows no file; without this all of them would seem changed.
    if (auto refreshed = git.run({"update-index", "-q", "--refresh"}); !refreshed)
      llvm::consumeError(refreshed.takeError()); // says no when a file is changed, too
  }
  return git;
}

llvm::Expected<std::string> Git::run(std::vector<std::string> arguments, llvm::StringRef input) const {
  return runIn(treeFolder, std::move(arguments), input, ownIndex);
}

llvm::Expected<std::string> Git::grep(std::vector<std::string> arguments) const {
  constexpr int nothingFound = 1;
  arguments.insert(arguments.begin(), {"grep", "-z", "-I", "--no-color", "--no-recurse-submodules"});
  return runIn(treeFolder, std::move(arguments), "", ownIndex, nothingFound);
}

llvm::Expected<std::string> Git::runAtTop(std::vector<std::string> arguments, const std::string &index) const {
  return runIn(top, std::move(arguments), "", index);
}

llvm::Expected<std::string> Git::runIn(const std::string &folder, std::vector<std::string> arguments,
                                       llvm::StringRef input, const std::string &index, int other) const {
  std::vector<std::string> words{program, "-C", folder, "--no-pager", "--no-replace-objects", "--literal-pathspecs"};
  // grep wants patterns of files, and gets none that come from outside.
  if (arguments.front() == "grep")
    words.pop_back();
  for (const char *setting : settings) {
    words.emplace_back("-c");
    words.emplace_back(setting);
  }
  const std::string command = arguments.front();
  words.insert(words.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  std::vector<std::string> variables{"HOME=" + scratch->path(), "LC_ALL=C",  "GIT_CONFIG_NOSYSTEM=1",
                                     "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
                                     "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1"};
  if (const char *path = std::getenv("PATH"))
    variables.push_back(std::string("PATH=") + path);
  if (!index.empty())
    variables.push_back("GIT_INDEX_FILE=" + index);
  if (!objects.empty()) { // new objects go into the scratch folder
    const std::string own = scratch->path() + "/objects";
    fs::create_directories(own);
    variables.push_back("GIT_OBJECT_DIRECTORY=" + own);
    variables.push_back("GIT_ALTERNATE_OBJECT_DIRECTORIES=" + objects);
  }
  const std::string in = scratch->newName(".in"), out = scratch->newName(".out"), err = scratch->newName(".err");
  std::error_code error;
  {
    llvm::raw_fd_ostream file(in, error);
    if (!error)
      file << input;
  }
  const std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(in), llvm::StringRef(out), llvm::StringRef(err)};
  std::vector<llvm::StringRef> argv(words.begin(), words.end()), environment(variables.begin(), variables.end());
  constexpr unsigned seconds = 600;
  std::string problem;
  const int status = llvm::sys::ExecuteAndWait(program, argv, llvm::ArrayRef<llvm::StringRef>(environment), redirects,
                                               seconds, /*MemoryLimit=*/0, &problem);
  std::string output = readFile(out), said = firstLines(readFile(err));
  for (const std::string &path : {in, out, err})
    fs::remove(path);
  if (status == 0 || (status == other && said.empty()))
    return output;
  return llvm::createStringError("git " + command + ": " + (!said.empty() ? said : !problem.empty() ? problem : "failed"));
}

llvm::Expected<std::string> Git::commit(llvm::StringRef revision) const {
  auto id = run({"rev-parse", "--verify", "--quiet", "--end-of-options", revision.str() + "^{commit}"});
  if (!id) {
    llvm::consumeError(id.takeError());
    return llvm::createStringError("no commit is called '" + revision + "' in " + treeFolder +
                   "; in a shallow clone, fetch more of the history first");
  }
  return llvm::StringRef(*id).trim().str();
}

std::vector<llvm::StringRef> splitAtZeros(llvm::StringRef text) {
  std::vector<llvm::StringRef> parts;
  while (!text.empty()) {
    auto [part, rest] = text.split('\0');
    parts.push_back(part);
    text = rest;
  }
  return parts;
}

} // namespace bhlint
