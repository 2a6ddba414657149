#include "driver/kbuild/compile_database.h"

#include "driver/kbuild/json_reader.h"
#include "driver/kbuild/unit_record.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/StringSaver.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <tuple>

namespace bhlint {

namespace path = llvm::sys::path;
using llvm::StringRef;

namespace {

constexpr const char *databaseName = "compile_commands.json";

/// Where a database lies.
struct DatabasePlace {
  std::string path;
  bool isJson = false;
  std::string folder; ///< that was named; empty: the file was
};

llvm::sys::TimePoint<> timeOf(llvm::vfs::FileSystem &fileSystem, StringRef file) {
  auto status = fileSystem.status(file);
  return status ? status->getLastModificationTime() : llvm::sys::TimePoint<>();
}

/// Appends to `units`, and the text to the database's. Relative directories are relative to `folder`.
llvm::Error readJson(llvm::vfs::FileSystem &fileSystem, StringRef file, StringRef folder, CompileDatabase &database,
                     std::vector<RecordedUnit> &units) {
  llvm::sys::TimePoint<> written = timeOf(fileSystem, file);
  auto buffer = fileSystem.getBufferForFile(file);
  if (!buffer)
    return llvm::createStringError(file + ": " + buffer.getError().message());
  PaddedText text = PaddedText::copyOf((*buffer)->getBuffer(), file);
  auto read = readJsonEntries(file, text, folder);
  database.texts.push_back(std::move(text.buffer));
  if (!read)
    return read.takeError();
  for (RecordedUnit &unit : *read) {
    unit.written = written;
    units.push_back(std::move(unit));
  }
  return llvm::Error::success();
}

} // namespace

std::string jsonArray(llvm::ArrayRef<std::string> words) {
  llvm::json::Array array;
  for (const std::string &word : words)
    array.push_back(llvm::json::fixUTF8(word));
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(array));
  return text;
}

namespace {

/// Kbuild escapes what make would expand when it reads the file again.
std::string undoMakeEscapes(StringRef text) {
  std::string result;
  while (!text.empty()) {
    if (text.consume_front("$(pound)"))
      result += '#';
    else if (text.consume_front("$$"))
      result += '$';
    else {
      result += text.front();
      text = text.drop_front();
    }
  }
  return result;
}

llvm::Error readKbuildFolder(llvm::vfs::FileSystem &fileSystem, StringRef folder, CompileDatabase &database) {
  std::error_code error;
  for (llvm::vfs::recursive_directory_iterator entry(fileSystem, folder, error), end; entry != end && !error;
       entry.increment(error)) {
    // A build folder has a link to the source tree, which is no part of it.
    if (entry->type() == llvm::sys::fs::file_type::symlink_file)
      entry.no_push();
    if (!entry->path().ends_with(".o.cmd"))
      continue;
    auto buffer = fileSystem.getBufferForFile(entry->path());
    if (!buffer)
      return llvm::createStringError(entry->path() + ": " + buffer.getError().message());
    for (CompileCommand &command : parseKbuildCommand((*buffer)->getBuffer(), folder)) {
      database.texts.push_back(llvm::MemoryBuffer::getMemBufferCopy(jsonArray(command.arguments)));
      auto object = llvm::find(command.arguments, "-o");
      std::string output = std::distance(object, command.arguments.end()) > 1 ? *std::next(object) : "";
      database.units.push_back({command.path(),
                                std::move(command.directory),
                                std::move(command.file),
                                output,
                                database.texts.back()->getBuffer(),
                                RecordedUnit::Form::JsonArray,
                                {},
                                timeOf(fileSystem, entry->path())});
    }
  }
  return error ? llvm::createStringError(folder + ": " + error.message()) : llvm::Error::success();
}

/// Units that were recorded one by one, as long as their sources are there.
llvm::Error readRecords(llvm::vfs::FileSystem &fileSystem, StringRef folder, CompileDatabase &database) {
  std::vector<RecordedUnit> records;
  for (const std::string &file : findUnitRecords(fileSystem, folder))
    if (llvm::Error error = readJson(fileSystem, file, folder, database, records))
      return error;
  llvm::erase_if(records, [&](const RecordedUnit &unit) { return !fileSystem.exists(unit.path); });
  addUnitRecords(std::move(records), database.units);
  return llvm::Error::success();
}

/// Sorts by path, drops what isn't C and what is recorded twice.
void tidy(std::vector<RecordedUnit> &units) {
  llvm::erase_if(units, [](const RecordedUnit &unit) { return path::extension(unit.file) != ".c"; });
  auto key = [](const RecordedUnit &unit) { return std::tie(unit.path, unit.command, unit.directory, unit.file); };
  llvm::sort(units, [&](const RecordedUnit &a, const RecordedUnit &b) { return key(a) < key(b); });
  units.erase(std::unique(units.begin(), units.end(),
                          [&](const RecordedUnit &a, const RecordedUnit &b) { return key(a) == key(b); }),
              units.end());
}

llvm::Expected<std::vector<std::string>> jsonWords(StringRef json) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(json);
  if (!value)
    return value.takeError();
  if (auto line = value->getAsString())
    return splitCommandLine(*line);
  std::vector<std::string> words;
  if (const llvm::json::Array *array = value->getAsArray()) {
    for (const llvm::json::Value &element : *array) {
      auto word = element.getAsString();
      if (!word)
        return llvm::createStringError("an argument is not a string");
      words.push_back(word->str());
    }
  }
  if (words.empty())
    return llvm::createStringError("this command is empty");
  return words;
}

llvm::Expected<CompileCommand> split(const CompileDatabase &database, const RecordedUnit &unit) {
  llvm::Expected<std::vector<std::string>> words = jsonWords(unit.command);
  if (words)
    return CompileCommand{unit.directory, unit.file, std::move(*words)};
  auto text = llvm::find_if(database.texts, [&](const auto &candidate) {
    return candidate->getBufferStart() <= unit.command.data() && unit.command.data() <= candidate->getBufferEnd();
  });
  return llvm::createStringError(locate((*text)->getBufferIdentifier(), (*text)->getBuffer(), unit.command.data()) + ": " +
                 llvm::toString(words.takeError()));
}

/// The folder of the kernel that the command includes kconfig.h from; empty when it doesn't.
std::string kconfigRoot(const CompileCommand &command) {
  constexpr StringRef suffix = "/include/linux/kconfig.h";
  for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i) {
    if (command.arguments[i] != "-include")
      continue;
    std::string header = absolutePath(command.directory, command.arguments[i + 1]);
    if (StringRef(header).ends_with(suffix))
      return header.substr(0, header.size() - suffix.size());
  }
  return {};
}

/// Where most of a sample take kconfig.h from: the units of a database nearly always belong to one tree.
llvm::Expected<std::string> kernelTree(const CompileDatabase &database) {
  std::size_t sampleSize = std::min<std::size_t>(16, database.units.size());
  llvm::StringMap<unsigned> votes;
  for (std::size_t i = 0; i < sampleSize; ++i) {
    auto command = split(database, database.units[i * database.units.size() / sampleSize]);
    if (!command)
      return command.takeError();
    if (std::string root = kconfigRoot(*command); !root.empty())
      ++votes[root];
  }
  if (votes.empty())
    return std::string();
  // The smaller name wins a tie, so that the map's order doesn't matter.
  auto best = llvm::max_element(votes, [](const auto &a, const auto &b) {
    return std::make_pair(a.second, b.first()) < std::make_pair(b.second, a.first());
  });
  return best->first().str();
}

std::string commonFolder(llvm::ArrayRef<RecordedUnit> units) {
  std::string common = path::parent_path(units.front().path).str();
  for (const RecordedUnit &unit : units)
    while (!common.empty() && !liesIn(unit.path, common))
      common = path::parent_path(common).str();
  return common;
}

} // namespace

std::string treeOf(const CompileCommand &command) {
  std::string root = kconfigRoot(command);
  return root.empty() ? path::parent_path(command.path()).str() : root;
}

std::string CompileCommand::path() const { return absolutePath(directory, file); }

std::string absolutePath(StringRef folder, StringRef file) {
  llvm::SmallString<256> result(file);
  if (!path::is_absolute(result)) {
    result = folder;
    path::append(result, file);
  }
  path::remove_dots(result, /*remove_dot_dot=*/true);
  return result.str().str();
}

bool liesIn(StringRef file, StringRef folder) {
  return file.consume_front(folder) && (file.empty() || file.front() == '/' || folder.ends_with("/"));
}

std::vector<std::string> splitCommandLine(StringRef line) {
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver saver(allocator);
  llvm::SmallVector<const char *, 256> words;
  llvm::cl::TokenizeGNUCommandLine(line, saver, words);
  return {words.begin(), words.end()};
}

std::vector<CompileCommand> parseKbuildCommand(StringRef text, StringRef folder) {
  // `savedcmd_drivers/foo.o := clang ... -c -o drivers/foo.o foo.c ; tools/objtool ...`; `cmd_` before Linux 6.2.
  StringRef line = text.split('\n').first;
  line.consume_front("saved");
  auto [target, recipe] = line.split(" := ");
  if (!target.starts_with("cmd_") || !target.ends_with(".o"))
    return {};
  std::vector<std::string> words = splitCommandLine(undoMakeEscapes(recipe));
  // What follows the compiler starts at a ";", which may be stuck to the source file.
  auto end = llvm::find_if(words, [](StringRef word) { return word == ";" || word.ends_with(".c;"); });
  if (end != words.end() && *end != ";")
    (end++)->pop_back();
  words.erase(end, words.end());
  if (words.empty() || path::extension(words.back()) != ".c" || !llvm::is_contained(words, "-D__KERNEL__"))
    return {};
  std::string file = words.back();
  return {CompileCommand{folder.str(), std::move(file), std::move(words)}};
}

/// The JSON file that is meant by `given`, else the folder in which Kbuild built.
static llvm::Expected<DatabasePlace> findDatabase(llvm::vfs::FileSystem &fileSystem, StringRef given) {
  llvm::SmallString<256> source(given);
  if (std::error_code error = fileSystem.makeAbsolute(source))
    return llvm::createStringError(given + ": " + error.message());
  path::remove_dots(source, /*remove_dot_dot=*/true);
  auto status = fileSystem.status(source);
  if (!status)
    return llvm::createStringError(given + ": " + status.getError().message());
  llvm::SmallString<256> file = source;
  if (status->isDirectory())
    path::append(file, databaseName);
  const bool isJson = fileSystem.exists(file);
  return DatabasePlace{(isJson ? file : source).str().str(), isJson, status->isDirectory() ? source.str().str() : ""};
}

std::string jsonDatabaseFile(llvm::vfs::FileSystem &fileSystem, StringRef given) {
  llvm::Expected<DatabasePlace> place = findDatabase(fileSystem, given);
  if (!place) {
    llvm::consumeError(place.takeError());
    return {};
  }
  const bool isAlone = place->folder.empty() || findUnitRecords(fileSystem, place->folder).empty();
  return place->isJson && isAlone ? place->path : std::string();
}

llvm::Expected<CompileDatabase> readCompileDatabase(llvm::vfs::FileSystem &fileSystem, StringRef given) {
  llvm::Expected<DatabasePlace> place = findDatabase(fileSystem, given);
  if (!place)
    return place.takeError();
  CompileDatabase database;
  database.source = place->path;
  if (llvm::Error error =
          place->isJson
              ? readJson(fileSystem, place->path, path::parent_path(place->path), database, database.units)
              : readKbuildFolder(fileSystem, place->path, database))
    return error;
  if (!place->folder.empty())
    if (llvm::Error error = readRecords(fileSystem, place->folder, database))
      return error;
  tidy(database.units);
  if (database.units.empty())
    return llvm::createStringError(database.source + ": no C unit is recorded here; `bhlint db --tree TREE --build " + given +
                   "` makes a database of a configured kernel");
  llvm::Expected<std::string> tree = kernelTree(database);
  if (!tree)
    return tree.takeError();
  database.tree = tree->empty() ? commonFolder(database.units) : std::move(*tree);
  return database;
}

llvm::Error writeCompileDatabase(StringRef file, llvm::ArrayRef<RecordedUnit> units) {
  return llvm::writeToOutput(file, [&](llvm::raw_ostream &stream) {
    auto text = [](StringRef value) { return llvm::json::Value(llvm::json::fixUTF8(value)); };
    StringRef separator = "[\n";
    for (const RecordedUnit &unit : units) {
      stream << separator << "{\"directory\": " << text(unit.directory) << ", \"file\": " << text(unit.file);
      if (!unit.output.empty())
        stream << ", \"output\": " << text(unit.output);
      stream << (unit.form == RecordedUnit::Form::JsonArray ? ", \"arguments\": " : ", \"command\": ") << unit.command
             << "}";
      separator = ",\n";
    }
    stream << (units.empty() ? "[]\n" : "\n]\n");
    return llvm::Error::success();
  });
}

llvm::Error writeCompileDatabase(StringRef file, llvm::ArrayRef<CompileCommand> commands) {
  std::vector<std::string> texts;
  texts.reserve(commands.size());
  std::vector<RecordedUnit> units;
  for (const CompileCommand &command : commands) {
    texts.push_back(jsonArray(command.arguments));
    units.push_back({.path = command.path(),
                     .directory = command.directory,
                     .file = command.file,
                     .output = "",
                     .command = texts.back(),
                     .form = RecordedUnit::Form::JsonArray});
  }
  return writeCompileDatabase(file, units);
}

std::string relativeToTree(StringRef file, StringRef tree) {
  if (tree.empty() || file == tree || !liesIn(file, tree))
    return file.str();
  return file.drop_front(tree.size()).ltrim('/').str();
}

llvm::Expected<std::vector<CompileCommand>> selectCommands(const CompileDatabase &database,
                                                           llvm::ArrayRef<std::string> paths) {
  std::vector<bool> isWanted(database.units.size(), paths.empty());
  for (StringRef given : paths) {
    std::string wanted = absolutePath(database.tree, given);
    bool isFound = false;
    for (std::size_t i = 0; i < database.units.size(); ++i)
      if (liesIn(database.units[i].path, wanted))
        isWanted[i] = isFound = true;
    if (!isFound)
      return llvm::createStringError(given + ": no unit of " + database.source + " lies here (looked for " + wanted +
                     "); `bhlint db` adds units of a configured kernel");
  }
  std::vector<CompileCommand> selected;
  for (std::size_t i = 0; i < database.units.size(); ++i) {
    if (!isWanted[i])
      continue;
    llvm::Expected<CompileCommand> command = split(database, database.units[i]);
    if (!command)
      return command.takeError();
    selected.push_back(std::move(*command));
  }
  return selected;
}

} // namespace bhlint
