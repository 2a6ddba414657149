#include "driver/fix/fix_rules.h"

#include "analysis/ruleset/load.h"
#include "analysis/ruleset/row_fields.h"

#include <limits>

namespace bhlint {

namespace {

constexpr int anyNumber = std::numeric_limits<int>::max();

class FixReader {
public:
  FixReader(const RuleSource &source, FixRules &rules, std::vector<RuleError> &errors)
      : source(source), rules(rules), errors(errors) {}

  void read() {
    RecordReader file(source.root, "edits", source.file, errors);
    if (source.root.kind != SourceValue::Kind::Map)
      return;
    file.text("about");
    file.text("tree");
    rules.largestSize = static_cast<unsigned>(file.number("largest_size", 1, anyNumber));
    rules.longestPoll = static_cast<unsigned>(file.number("longest_poll", 1, anyNumber));
    rules.longestTimeout = static_cast<unsigned>(file.number("longest_timeout", 1, anyNumber));
    rules.longestLast = static_cast<unsigned>(file.number("longest_last", 1, anyNumber));
    for (auto [key, names] : {std::pair("tests", &rules.tests), std::pair("last_fields", &rules.lastFields),
                              std::pair("last_calls", &rules.lastCalls), std::pair("prescribed", &rules.prescribed)})
      for (const std::string &name : plainTexts(file.texts(key)))
        names->insert(name);
    rows(file, "flags", [&](RecordReader &row) { add(row, rules.flags, row.text("by")); });
    rows(file, "sizes", [&](RecordReader &row) { addNames(row, rules.sizes, argumentsOf(row)); });
    rows(file, "delays", [&](RecordReader &row) {
      DelayFix delay{static_cast<unsigned>(row.number("unit", 1, anyNumber)), {}};
      for (const SourceValue &value : row.records("by"))
        delay.by.push_back(readWait(value));
      addNames(row, rules.delays, delay);
    });
    rows(file, "polls", [&](RecordReader &row) {
      const std::string by = readIdentifier(row, "by");
      add(row, rules.polls, PollFix{by, argument(row, "delay"), argument(row, "limit")});
    });
    rows(file, "calls", [&](RecordReader &row) {
      const std::string by = readIdentifier(row, "by");
      add(row, rules.calls, CallFix{by, row.optionalText("note")});
    });
    readPlaces(file);
    file.finish();
  }

private:
  /// What isn't about the call alone, but about where it is made.
  void readPlaces(RecordReader &file) {
    rules.oneShot = readIdentifier(file, "one_shot");
    rules.noHandler = readIdentifier(file, "no_handler");
    for (auto [key, names] : {std::pair("unthreadable", &rules.unthreadable), std::pair("shared", &rules.shared),
                              std::pair("pure", &rules.pure),
                              std::pair("handles_failure", &rules.handlesFailure)})
      for (const std::string &name : plainTexts(file.texts(key)))
        names->insert(name);
    rows(file, "fields", [&](RecordReader &row) {
      add(row, rules.fields,
          FieldFix{readIdentifier(row, "by"), readIdentifier(row, "owner"), row.optionalText("result"),
                   row.optionalText("success")});
    });
    rows(file, "iterators", [&](RecordReader &row) {
      IteratorFix fix{readIdentifier(row, "by"), readIdentifier(row, "owner"), {}, row.optionalText("note")};
      for (const SourceText &field : readIdentifiers(row, "fields"))
        fix.fields.insert(field.text);
      add(row, rules.iterators, fix);
    });
    rows(file, "queues", [&](RecordReader &row) { add(row, rules.queues, readIdentifier(row, "by")); });
    rows(file, "locks", [&](RecordReader &row) {
      const std::string give = readIdentifier(row, "give");
      addNames(row, rules.locks, give, "take");
    });
    rules.mutexHeader = file.text("mutex_header");
    rows(file, "mutexes", [&](RecordReader &row) {
      const std::string by = readIdentifier(row, "by");
      add(row, rules.mutexes, MutexFix{by, row.optionalFlag("takes").value_or(false)});
    });
    rows(file, "lock_types", [&](RecordReader &row) { add(row, rules.lockTypes, row.text("by")); });
    rows(file, "handlers", [&](RecordReader &row) {
      HandlerFix handler{readIdentifier(row, "by"), argument(row, "handler"), argument(row, "flags"), {}};
      if (row.has("thread"))
        handler.thread = argument(row, "thread");
      add(row, rules.handlers, handler);
    });
  }

  template <class Read> void rows(RecordReader &file, llvm::StringRef key, Read read) {
    for (const SourceValue &value : file.records(key)) {
      RecordReader row(value, "a row of '" + key.str() + "'", source.file, errors);
      read(row);
      readProvenance(row);
      row.finish();
    }
  }

  static unsigned argument(RecordReader &row, llvm::StringRef key) {
    return static_cast<unsigned>(row.number(key, 0, maxArgument));
  }

  template <class Entries, class Entry> void add(RecordReader &row, Entries &entries, const Entry &entry) {
    const std::string name = readIdentifier(row, "replaces");
    if (!entries.emplace(name, entry).second)
      row.error(row.locationOf("replaces"), quoted(name) + " has a row already");
  }

  template <class Entries, class Entry>
  void addNames(RecordReader &row, Entries &entries, const Entry &entry, llvm::StringRef key = "functions") {
    for (const SourceText &name : readIdentifiers(row, key))
      if (!entries.emplace(name.text, entry).second)
        row.error({source.file, name.line, name.column}, quoted(name.text) + " has a row already");
  }

  std::vector<unsigned> argumentsOf(RecordReader &row) {
    std::vector<unsigned> numbers;
    for (const SourceText &text : row.texts("arguments")) {
      unsigned number = 0;
      if (llvm::StringRef(text.text).getAsInteger(10, number) || number > maxArgument)
        row.error({source.file, text.line, text.column}, quoted(text.text) + " is not the number of an argument");
      numbers.push_back(number);
    }
    return numbers;
  }

  BusyWait readWait(const SourceValue &value) {
    RecordReader reader(value, "a busy wait", source.file, errors);
    BusyWait wait{readIdentifier(reader, "call"), static_cast<unsigned>(reader.number("unit", 1, anyNumber)),
                  static_cast<unsigned>(reader.number("most", 1, anyNumber))};
    reader.finish();
    return wait;
  }

  const RuleSource &source;
  FixRules &rules;
  std::vector<RuleError> &errors;
};

} // namespace

FixRules loadFixRules(llvm::vfs::FileSystem &files, llvm::StringRef folder, std::vector<RuleError> &errors) {
  FixRules rules;
  if (std::optional<RuleSource> source = loadRuleFile(files, folder, "fixes/atomic.yaml", errors))
    FixReader(*source, rules, errors).read();
  return rules;
}

} // namespace bhlint
