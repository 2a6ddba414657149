#include "analysis/migrate/thread_form.h"

#include "analysis/ruleset/row_fields.h"

namespace bhlint {

namespace {

class ThreadReader {
public:
  ThreadReader(const RuleSource &source, std::vector<RuleError> &errors) : source(source), errors(errors) {}

  std::optional<MigrationTarget> read(const SourceValue &value) {
    RecordReader row(value, "a row of 'threads'", source.file, errors);
    MigrationTarget target;
    target.name = row.text("name");
    target.what = row.text("what");
    target.header = row.text("header");
    target.maySleep = true;
    target.thread = readForm(row);
    target.since = readProvenance(row).kernels.since;
    row.finish();
    return row.isValid() ? std::optional(std::move(target)) : std::nullopt;
  }

private:
  ThreadForm readForm(RecordReader &row) {
    ThreadForm form;
    form.result = readIdentifier(row, "result");
    form.done = readIdentifier(row, "done");
    form.wake = readIdentifier(row, "wake");
    form.lineParameter = readIdentifier(row, "line_parameter");
    form.objectParameter = readIdentifier(row, "object_parameter");
    form.waits = readIdentifier(row, "waits");
    form.oneShot = readIdentifier(row, "one_shot");
    form.agree = readIdentifier(row, "agree");
    form.noteMasked = row.sentence("note_masked");
    form.noteUnmasked = row.sentence("note_unmasked");
    form.noteLocks = row.sentence("note_locks");
    form.noteRemoved = row.sentence("note_removed");
    form.silences = names(row, "silences");
    form.waitsForItself = names(row, "waits_for_itself");
    form.pure = names(row, "pure");
    form.unthreadable = names(row, "unthreadable");
    form.shared = names(row, "shared");
    for (const SourceValue &value : row.records("registrations"))
      readRegistration(value, form);
    for (const SourceValue &value : row.records("frees")) {
      RecordReader free(value, "a row of 'frees'", source.file, errors);
      add(free, "function", form.frees, argument(free, "line"));
    }
    for (const SourceValue &value : row.records("locks")) {
      RecordReader lock(value, "a row of 'locks'", source.file, errors);
      add(lock, "replaces", form.locks, readIdentifier(lock, "by"));
    }
    return form;
  }

  void readRegistration(const SourceValue &value, ThreadForm &form) {
    RecordReader row(value, "a row of 'registrations'", source.file, errors);
    const ThreadRegistration registration{readIdentifier(row, "by"), argument(row, "line"), argument(row, "handler"),
                                          argument(row, "flags"), argument(row, "object")};
    add(row, "replaces", form.registrations, registration);
  }

  template <class Entries, class Entry>
  void add(RecordReader &row, llvm::StringRef key, Entries &entries, const Entry &entry) {
    const std::string name = readIdentifier(row, key);
    row.finish();
    if (!entries.emplace(name, entry).second)
      row.error(row.locationOf(key), quoted(name) + " has a row already");
  }

  static std::set<std::string, std::less<>> names(RecordReader &row, llvm::StringRef key) {
    std::set<std::string, std::less<>> found;
    for (const SourceText &name : readIdentifiers(row, key))
      found.insert(name.text);
    return found;
  }

  static unsigned argument(RecordReader &row, llvm::StringRef key) {
    return static_cast<unsigned>(row.number(key, 0, maxArgument));
  }

  const RuleSource &source;
  std::vector<RuleError> &errors;
};

} // namespace

std::optional<MigrationTarget> readThreadTarget(const SourceValue &value, const RuleSource &source,
                                                std::vector<RuleError> &errors) {
  return ThreadReader(source, errors).read(value);
}

} // namespace bhlint
