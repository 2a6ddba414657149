#include "analysis/migrate/migration_rules.h"

#include "analysis/migrate/thread_form.h"
#include "analysis/ruleset/load.h"
#include "analysis/ruleset/row_fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

constexpr NamedValue<DeferralRole> roleNames[] = {
    {"setup", DeferralRole::Setup},
    {"setup_with_data", DeferralRole::SetupWithData},
    {"schedule", DeferralRole::Schedule},
    {"schedule_high", DeferralRole::ScheduleHigh},
    {"cancel", DeferralRole::Cancel},
    {"disable", DeferralRole::Disable},
    {"disable_nowait", DeferralRole::DisableNoWait},
    {"enable", DeferralRole::Enable},
    {"refused", DeferralRole::Refused},
};

constexpr NamedValue<DeferralMacroRole> macroRoleNames[] = {
    {"declare", DeferralMacroRole::Declare},
    {"declare_with_data", DeferralMacroRole::DeclareWithData},
    {"find_container", DeferralMacroRole::FindContainer},
    {"look_through", DeferralMacroRole::LookThrough},
    {"refused", DeferralMacroRole::Refused},
};

class MigrationReader {
public:
  MigrationReader(const RuleSource &source, MigrationRules &rules, std::vector<RuleError> &errors)
      : source(source), rules(rules), errors(errors) {}

  void read() {
    RecordReader file(source.root, "a migration", source.file, errors);
    if (source.root.kind != SourceValue::Kind::Map)
      return;
    file.text("about");
    file.text("tree");
    if (const SourceValue *old = file.record("old"))
      readOld(*old);
    else
      file.error(file.location(), "the key 'old' is missing");
    for (const SourceValue &value : file.records("targets"))
      readTarget(value);
    for (const SourceValue &value : file.records("threads"))
      if (std::optional<MigrationTarget> target = readThreadTarget(value, source, errors))
        rules.targets.push_back(std::move(*target));
    for (const SourceValue &value : file.records("needs_bottom_halves_off")) {
      RecordReader row(value, "a row of 'needs_bottom_halves_off'", source.file, errors);
      for (const SourceText &name : readIdentifiers(row, "functions"))
        rules.needsBottomHalvesOff.push_back(name.text);
      readProvenance(row);
      row.finish();
    }
    llvm::sort(rules.needsBottomHalvesOff);
    file.finish();
  }

private:
  void readOld(const SourceValue &value) {
    RecordReader old(value, "'old'", source.file, errors);
    rules.what = old.text("what");
    rules.record = readIdentifier(old, "record");
    rules.header = old.text("header");
    rules.context = readContext(old, "context");
    rules.sharedFolders = plainTexts(old.texts("shared_folders"));
    rules.releases = plainTexts(readIdentifiers(old, "releases"));
    llvm::sort(rules.releases);
    for (const SourceValue &row : old.records("calls"))
      readNames<DeferralRole>(row, "functions", roleNames, rules.calls);
    for (const SourceValue &row : old.records("macros"))
      readNames<DeferralMacroRole>(row, "names", macroRoleNames, rules.macros);
    old.finish();
  }

  /// One row: names, what they do, and why that is refused.
  template <class Role, class Entries>
  void readNames(const SourceValue &value, llvm::StringRef key, std::span<const NamedValue<Role>> roles,
                 Entries &entries) {
    RecordReader row(value, "a row of 'old'", source.file, errors);
    const std::vector<SourceText> names = readIdentifiers(row, key);
    typename Entries::mapped_type entry;
    entry.role = row.oneOf<Role>("role", roles);
    entry.why = row.optionalText("why");
    readProvenance(row);
    row.finish();
    if ((entry.role == Role::Refused) == entry.why.empty())
      row.error(row.location(), "'why' goes with the role 'refused', and only with that");
    for (const SourceText &name : names)
      if (!entries.emplace(name.text, entry).second)
        row.error({source.file, name.line, name.column}, quoted(name.text) + " has a row already");
  }

  void readTarget(const SourceValue &value) {
    RecordReader row(value, "a row of 'targets'", source.file, errors);
    MigrationTarget target;
    target.name = row.text("name");
    target.what = row.text("what");
    target.record = readIdentifier(row, "record");
    target.header = row.text("header");
    target.parameter = readIdentifier(row, "parameter");
    target.findContainer = readIdentifier(row, "find_container");
    target.declare = readIdentifier(row, "declare");
    target.maySleep = row.optionalFlag("may_sleep").value_or(false);
    for (const NamedValue<DeferralRole> &role : roleNames) {
      const bool isWritten = role.value != DeferralRole::Refused && role.value != DeferralRole::SetupWithData;
      const SourceValue *call = isWritten ? row.record(role.name) : nullptr;
      if (!call) {
        if (isWritten)
          row.error(row.location(), "the key '" + role.name + "' is missing");
        continue;
      }
      RecordReader reader(*call, "a call", source.file, errors);
      if (role.value == DeferralRole::ScheduleHigh)
        target.bothPriorities = reader.optionalText("both");
      target.calls[role.value] = {readIdentifier(reader, "call"), readOptionalIdentifier(reader, "before"),
                                  reader.optionalText("note"), plainTexts(reader.optionalTexts("like_old")),
                                  readOldCalls(reader, "like_new")};
      reader.finish();
    }
    target.since = readProvenance(row).kernels.since;
    row.finish();
    if (row.isValid())
      rules.targets.push_back(std::move(target));
  }

  /// Names that have a row in 'old'.
  std::vector<std::string> readOldCalls(RecordReader &reader, llvm::StringRef key) {
    std::vector<std::string> names;
    for (const SourceText &name : reader.optionalTexts(key)) {
      if (!rules.calls.contains(name.text))
        reader.error({source.file, name.line, name.column}, quoted(name.text) + " has no row in 'old'");
      names.push_back(name.text);
    }
    return names;
  }

  const RuleSource &source;
  MigrationRules &rules;
  std::vector<RuleError> &errors;
};

} // namespace

const MigrationTarget *MigrationRules::target(llvm::StringRef name) const {
  auto found = llvm::find_if(targets, [&](const MigrationTarget &target) { return target.name == name; });
  return found == targets.end() ? nullptr : &*found;
}

bool MigrationRules::isIn(const MigrationTarget &target, llvm::StringRef kernelVersion) {
  unsigned major = 0, minor = 0;
  auto [majorText, rest] = kernelVersion.split('.');
  if (majorText.getAsInteger(10, major) || rest.split('.').first.getAsInteger(10, minor))
    return true;
  return major * 1000 + minor >= target.since;
}

bool MigrationRules::isShared(llvm::StringRef file) const {
  return llvm::sys::path::is_absolute(file) ||
         llvm::any_of(sharedFolders, [&](llvm::StringRef folder) { return file.starts_with(folder); });
}

MigrationRules loadMigrationRules(llvm::vfs::FileSystem &files, llvm::StringRef folder,
                                  std::vector<RuleError> &errors) {
  MigrationRules rules;
  if (std::optional<RuleSource> source = loadRuleFile(files, folder, "migration/tasklet.yaml", errors))
    MigrationReader(*source, rules, errors).read();
  return rules;
}

} // namespace bhlint
