#include "driver/migrate/patches.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

using llvm::StringRef;
namespace path = llvm::sys::path;

/// Groups whose edits share files, and these files: what can only be applied together.
struct Series {
  std::vector<const MigratedGroup *> groups;
  std::set<std::string> files;
};

std::vector<Series> driversOf(const MigrationResult &result) {
  std::vector<Series> drivers;
  for (const MigratedGroup &migrated : result.groups) {
    if (!migrated.isConverted())
      continue;
    Series joined{{&migrated}, {}};
    for (const TextEdit &edit : migrated.edits)
      joined.files.insert(edit.span.file);
    std::vector<Series> others;
    for (Series &driver : drivers) {
      const bool isShared =
          llvm::any_of(driver.files, [&](const std::string &file) { return joined.files.count(file); });
      if (!isShared) {
        others.push_back(std::move(driver));
        continue;
      }
      joined.groups.insert(joined.groups.begin(), driver.groups.begin(), driver.groups.end());
      joined.files.insert(driver.files.begin(), driver.files.end());
    }
    others.push_back(std::move(joined));
    drivers = std::move(others);
  }
  llvm::sort(drivers, [](const Series &a, const Series &b) { return *a.files.begin() < *b.files.begin(); });
  return drivers;
}

/// "atm: fore200e" of drivers/atm/fore200e.c: the subsystem, and the file or the folder that all files are in.
std::string prefixOf(const Series &driver) {
  llvm::SmallVector<StringRef, 8> parts;
  StringRef(*driver.files.begin()).split(parts, '/');
  const StringRef subsystem = parts.size() > 2 && parts.front() == "drivers" ? parts[1] : parts.front();
  const StringRef name =
      driver.files.size() == 1 || parts.size() < 4 ? path::stem(parts.back()) : parts[parts.size() - 2];
  return name == subsystem ? name.str() : (subsystem + ": " + name).str();
}

/// Lines of at most 72 columns, as in a commit message.
std::string wrapped(StringRef text, StringRef first = "", StringRef later = "") {
  constexpr std::size_t widest = 72;
  std::string result, line = first.str();
  llvm::SmallVector<StringRef, 64> words;
  text.split(words, ' ', -1, /*KeepEmpty=*/false);
  bool isEmpty = true;
  for (StringRef word : words) {
    if (!isEmpty && line.size() + 1 + word.size() > widest) {
      result += line + "\n";
      line = later.str();
      isEmpty = true;
    }
    line += (isEmpty ? "" : " ") + word.str();
    isEmpty = false;
  }
  return result + line + "\n";
}

std::string sentence(StringRef text) {
  return text.empty() ? "" : std::string(1, llvm::toUpper(text.front())) + text.drop_front().str() + ".";
}

std::string objectNames(const MigratedGroup &migrated) {
  std::set<std::string> names;
  for (const DeferralNode &object : migrated.group.objects)
    names.insert("'" + object.name + "'");
  return llvm::join(names, ", ");
}

std::string messageOf(const Series &driver, const MigrationResult &result) {
  const MigrationTarget &target = *driver.groups.front()->target;
  const std::string what = result.rules.what;
  std::string text =
      wrapped(llvm::formatv("The {0} API is deprecated. {1}", what,
                            target.thread     ? "What only an interrupt's handler schedules may be the thread of that interrupt."
                            : target.maySleep ? "Its handlers must not sleep, and this driver's does."
                                            : "BH workqueues run in the same softirq context and are what replaces it.")
                  .str());
  text += "\n";
  std::set<std::string> notes;
  for (const MigratedGroup *migrated : driver.groups) {
    text +=
        wrapped("Convert " + objectNames(*migrated) + " to a " + migrated->target->what + ": " + migrated->why + ".");
    text += wrapped(sentence(migrated->proof));
    notes.insert(migrated->group.notes.begin(), migrated->group.notes.end());
  }
  if (!notes.empty()) {
    text += "\nWhat changes:\n";
    for (const std::string &note : notes)
      text += wrapped(note, "- ", "  ");
  }
  text += "\n" + wrapped("Made and checked by bhlint: the edited units parse and bring no new finding" +
                         std::string(result.compiled != 0 ? ", and compile with the kernel's own commands" : "") +
                         ". Not tested on hardware.");
  return text;
}

std::string fileName(std::size_t number, StringRef subject) {
  std::string name;
  for (char c : subject.lower())
    if (llvm::isAlnum(c))
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  return llvm::formatv("{0,0+4}-{1}.patch", number, StringRef(name).rtrim('-').take_front(60)).str();
}

} // namespace

std::vector<PatchMail> patchMails(const MigrationResult &result, const std::string &author,
                                  const std::string &version) {
  std::vector<PatchMail> mails;
  const std::vector<Series> drivers = driversOf(result);
  for (const Series &driver : drivers) {
    const std::size_t number = mails.size() + 1;
    const std::string subject = llvm::formatv("{0}: Convert {1} to {2}", prefixOf(driver),
                                              driver.groups.size() == 1 ? result.rules.what : result.rules.what + "s",
                                              driver.groups.front()->target->what)
                                    .str();
    const std::string counted =
        drivers.size() == 1 ? "[PATCH]" : llvm::formatv("[PATCH {0}/{1}]", number, drivers.size()).str();
    std::string text = "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n";
    text += "From: " + author + "\n";
    text += llvm::formatv("Subject: {0} {1}\n\n{2}\n", counted, subject, messageOf(driver, result)).str();
    text += "Signed-off-by: " + author + "\n---\n";
    for (const MigratedFile &file : result.files)
      if (driver.files.count(file.file))
        text += unifiedDiff(file.file, file.before, file.after);
    text += "-- \nbhlint " + version + "\n\n";
    mails.push_back({fileName(number, subject), std::move(text)});
  }
  return mails;
}

} // namespace bhlint
