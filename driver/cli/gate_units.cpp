#include "driver/cli/gate_units.h"

#include "driver/gate/diff.h"
#include "driver/gate/new_unit.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <algorithm>

namespace bhlint {

namespace {

using llvm::StringRef;
namespace path = llvm::sys::path;

/// Folders with more units are not of one piece: there, only units of the same module count as neighbours.
constexpr std::size_t mostInFolder = 60;

} // namespace

GateUnits::GateUnits(DatabaseView &database, const Git &git, const Series &series, std::size_t most)
    : database(database), git(git), series(series), most(most) {
  for (const SeriesStep &step : series.steps) {
    for (const auto &[file, change] : step.changes.files)
      changed.insert(file);
    changed.insert(step.changes.deleted.begin(), step.changes.deleted.end());
    for (const auto &[from, to] : step.changes.renames) {
      changed.insert(from);
      auto first = earlierName.find(from);
      earlierName[to] = first == earlierName.end() ? from : first->second;
    }
  }
}

llvm::Error GateUnits::begin(const std::vector<std::string> &paths) {
  std::set<std::string> headers, around;
  for (const std::string &file : changed) {
    if (file.ends_with(".h"))
      headers.insert(file);
    else
      scope.insert(file);
  }
  for (StringRef given : paths) {
    const std::string wanted = absolutePath(database.tree(), given);
    bool isFound = false;
    for (StringRef unit : database.units().keys())
      if (liesIn(absolutePath(database.tree(), unit), wanted)) {
        scope.insert(unit.str());
        isFound = true;
      }
    if (!isFound)
      return llvm::createStringError(given + ": no unit of " + database.source() + " lies here");
  }
  if (!paths.empty())
    return llvm::Error::success();
  for (const std::string &file : std::set<std::string>(scope))
    around.merge(neighbours(file));
  add(around, "in the folders and modules of what is changed");
  if (headers.empty())
    return llvm::Error::success();
  llvm::Expected<Includers> users = filesThatInclude(git, headers);
  if (!users)
    return users.takeError();
  add(users->sources, "that see changed headers");
  return llvm::Error::success();
}

bool GateUnits::add(const std::set<std::string> &sources, const std::string &why) {
  std::vector<std::string> missing;
  for (const std::string &file : sources)
    if (hasUnit(file) && !scope.count(file))
      missing.push_back(file);
  if (most != 0 && scope.size() + missing.size() > most) {
    // Those that lie near to what is changed tell most.
    auto nearness = [&](const std::string &file) {
      std::size_t best = 0;
      for (const std::string &near : changed)
        best =
            std::max(best, static_cast<std::size_t>(
                               std::mismatch(file.begin(), file.end(), near.begin(), near.end()).first - file.begin()));
      return best;
    };
    std::stable_sort(missing.begin(), missing.end(),
                     [&](const std::string &a, const std::string &b) { return nearness(a) > nearness(b); });
    const std::size_t room = scope.size() < most ? most - scope.size() : 0;
    notes.push_back("of " + std::to_string(missing.size()) + " more units " + why + ", " + std::to_string(room) +
                    " are analysed (--units 0: all)");
    missing.resize(room);
  }
  scope.insert(missing.begin(), missing.end());
  return !missing.empty();
}

std::set<std::string> GateUnits::neighbours(const std::string &file) const {
  const StringRef folder = path::parent_path(file);
  const std::string module = database.units().lookup(file);
  std::set<std::string> inFolder, inModule;
  for (const auto &unit : database.units()) {
    if (path::parent_path(unit.getKey()) == folder)
      inFolder.insert(unit.getKey().str());
    if (!module.empty() && unit.getValue() == module)
      inModule.insert(unit.getKey().str());
  }
  if (inFolder.size() <= mostInFolder)
    inModule.merge(inFolder);
  return inModule;
}

llvm::Expected<CompileCommand> GateUnits::newCommand(const std::string &file, llvm::vfs::FileSystem &files) {
  const std::string full = absolutePath(database.tree(), file);
  auto commandsIn = [&](StringRef place) { return database.commands(place.str()); };
  if (auto renamed = earlierName.find(file); renamed != earlierName.end() && hasUnit(renamed->second)) {
    auto commands = commandsIn(renamed->second);
    if (!commands)
      return commands.takeError();
    return retarget(commands->front(), full, moduleOf(commands->front()));
  }
  std::string module;
  for (const char *name : {"Makefile", "Kbuild"})
    if (auto makefile = files.getBufferForFile(path::parent_path(full) + "/" + name); makefile && module.empty())
      module = moduleOf((*makefile)->getBuffer(), path::stem(file).str() + ".o");
  // The nearest folder that has units: its own, or one above it.
  for (StringRef folder = path::parent_path(file); !folder.empty(); folder = path::parent_path(folder)) {
    auto commands = commandsIn(folder);
    if (!commands) {
      llvm::consumeError(commands.takeError());
      continue;
    }
    for (const CompileCommand &command : *commands)
      if (moduleOf(command) == module)
        return retarget(command, full, module);
    return retarget(commands->front(), full, module);
  }
  return llvm::createStringError(file + ": no neighbour tells how it would be compiled");
}

llvm::Expected<std::vector<CompileCommand>> GateUnits::commands(const TreeDifference &state,
                                                                llvm::vfs::FileSystem &files) {
  std::vector<std::string> recorded;
  std::vector<CompileCommand> result;
  for (const std::string &file : scope) {
    auto told = state.find(file);
    const bool isThere =
        told != state.end() ? told->second.has_value() : files.exists(absolutePath(database.tree(), file));
    if (!isThere)
      continue;
    if (hasUnit(file)) {
      recorded.push_back(file);
      continue;
    }
    llvm::Expected<CompileCommand> command = newCommand(file, files);
    if (command)
      result.push_back(std::move(*command));
    else if (std::string note = llvm::toString(command.takeError());
             std::find(notes.begin(), notes.end(), note) == notes.end())
      notes.push_back(std::move(note));
  }
  if (!recorded.empty()) {
    llvm::Expected<std::vector<CompileCommand>> known = database.commands(recorded);
    if (!known)
      return known.takeError();
    result.insert(result.end(), std::make_move_iterator(known->begin()), std::make_move_iterator(known->end()));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const CompileCommand &a, const CompileCommand &b) { return a.path() < b.path(); });
  return result;
}

} // namespace bhlint
