#include "analysis/ruleset/profile.h"

#include "analysis/ruleset/row_fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <map>
#include <set>

namespace bhlint {

namespace {

class ProfileReader {
public:
  ProfileReader(const RuleSource &source, RuleSet &rules, std::vector<RuleError> &errors)
      : source(source), rules(rules), errors(errors) {}

  void read() {
    RecordReader file(source.root, "a profile", source.file, errors);
    if (source.root.kind != SourceValue::Kind::Map)
      return;
    file.text("about");
    file.text("tree");
    const std::string rule = file.text("rule");
    const std::vector<SourceText> kinds = file.texts("kinds");
    keepRule(file, rule, kinds);
    silence();
    rules.advice.clear();
    forEach(file, "advice", [&](RecordReader &row) { readAdvice(row); });
    forEach(file, "sleeping", [&](RecordReader &row) { addSleeps(row, SleepWhen::Always); });
    forEach(file, "harmless", [&](RecordReader &row) { addSleeps(row, SleepWhen::Never); });
    forEach(file, "contexts", [&](RecordReader &row) { readMove(row); });
    forEach(file, "unchanged", [&](RecordReader &row) { readUnchanged(row); });
    move();
    forEach(file, "hard_when", [&](RecordReader &row) { addHardCase(row); });
    file.finish();
    llvm::stable_sort(rules.sleeps,
                      [](const SleepContract &a, const SleepContract &b) { return a.function < b.function; });
  }

private:
  template <class Visit> void forEach(RecordReader &file, llvm::StringRef key, Visit visit) {
    const std::string what = ("a row of '" + key + "'").str();
    for (const SourceValue &value : file.records(key)) {
      RecordReader row(value, what, source.file, errors);
      if (value.kind == SourceValue::Kind::Map)
        visit(row);
    }
  }

  void keepRule(RecordReader &file, const std::string &id, const std::vector<SourceText> &kinds) {
    std::erase_if(rules.rules, [&](const Rule &rule) { return rule.id != id; });
    if (rules.rules.empty()) {
      file.error(file.locationOf("rule"), "there is no rule '" + id + "'");
      return;
    }
    rules.rules.front().isDefault = true;
    for (const SourceText &kind : kinds)
      if (std::optional<SleepKind> known = kindOf(file, kind))
        rules.rules.front().kinds.push_back(*known);
  }

  /// What is right elsewhere is not there: GFP_ATOMIC, say.
  void readAdvice(RecordReader &row) {
    MechanismAdvice advice;
    for (const SourceText &kind : row.optionalTexts("kinds"))
      if (std::optional<SleepKind> known = kindOf(row, kind))
        advice.kinds.push_back(*known);
    advice.mechanism = row.sentence("use");
    advice.why = row.sentence("why");
    advice.location = row.location();
    row.finish();
    if (row.isValid())
      rules.advice.push_back(std::move(advice));
  }

  std::optional<SleepKind> kindOf(RecordReader &record, const SourceText &text) const {
    const auto names = sleepKindNames();
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const auto &known) { return known.name == text.text; });
    if (found != names.end())
      return found->value;
    record.error({source.file, text.line, text.column}, "unknown kind '" + text.text + "'");
    return std::nullopt;
  }

  /// What sleeps elsewhere is told by the other rules. An allocation takes a lock that sleeps, whatever its flags.
  void silence() {
    for (SleepContract &row : rules.sleeps) {
      row.forbiddenIn.clear();
      if (row.when == SleepWhen::Gfp)
        row.when = SleepWhen::Always;
      else
        row.when = SleepWhen::Never;
    }
  }

  void addSleeps(RecordReader &row, SleepWhen when) {
    SleepContract contract;
    const std::vector<SourceText> functions = readIdentifiers(row, "functions");
    contract.kind = SleepKind::Mutex;
    contract.when = when;
    contract.why = row.optionalText("why");
    const Provenance provenance = readProvenance(row);
    row.finish();
    if (!row.isValid())
      return;
    for (const SourceText &function : functions) {
      contract.function = function.text;
      contract.provenance = provenanceAt(provenance, function);
      auto isSame = [&](const auto &other) { return other.function == contract.function; };
      std::erase_if(rules.sleeps, isSame);
      std::erase_if(rules.effects, isSame);
      rules.sleeps.push_back(contract);
    }
  }

  void readMove(RecordReader &row) {
    const std::vector<Context> from = readContexts(row, "from", {});
    const Context to = readContext(row, "to");
    row.finish();
    for (Context context : from)
      moves[context] = to;
  }

  /// Records and functions whose handlers stay where they are.
  void readUnchanged(RecordReader &row) {
    for (llvm::StringRef key : {"records", "functions"})
      for (const SourceText &name : readOptionalIdentifiers(row, key))
        unchanged.insert(name.text);
    readProvenance(row);
    row.finish();
  }

  void move() {
    auto moved = [&](Context &context) {
      if (auto found = moves.find(context); found != moves.end())
        context = found->second;
    };
    for (CallbackContract &row : rules.callbacks) {
      if (unchanged.count(row.function))
        continue;
      moved(row.context);
      for (FlagCase &flag : row.cases)
        moved(flag.context);
    }
    for (OpsContract &row : rules.ops) {
      if (unchanged.count(row.record))
        continue;
      moved(row.context);
      for (FieldCase &field : row.cases)
        moved(field.context);
    }
    for (QueueKind &kind : rules.queueKinds)
      moved(kind.context);
  }

  /// Handlers that stay where they are when one of the flags is given.
  void addHardCase(RecordReader &row) {
    const std::vector<SourceText> functions = readIdentifiers(row, "functions");
    const unsigned handler = row.number("handler", 0, maxArgument), argument = row.number("argument", 0, maxArgument);
    const std::vector<SourceText> flags = readIdentifiers(row, "flags");
    for (const SourceText &flag : flags)
      if (llvm::none_of(rules.constants, [&](const TreeConstant &constant) { return constant.name == flag.text; }))
        row.error({source.file, flag.line, flag.column}, "'" + flag.text + "' is not among the 'constants'");
    readProvenance(row);
    row.finish();
    for (const SourceText &function : functions)
      for (CallbackContract &contract : rules.callbacks)
        if (contract.function == function.text && contract.argument == handler)
          for (const SourceText &flag : flags)
            contract.cases.insert(contract.cases.begin(), {argument, flag.text, true, Context::HardIrq});
  }

  const RuleSource &source;
  RuleSet &rules;
  std::vector<RuleError> &errors;
  std::map<Context, Context> moves;
  std::set<std::string> unchanged;
};

} // namespace

void applyProfile(llvm::vfs::FileSystem &files, llvm::StringRef folder, llvm::StringRef name, LoadResult &result,
                  FileObserver observe) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, "profiles", name + ".yaml");
  auto buffer = files.getBufferForFile(path);
  if (!buffer) {
    report(result.errors, {path.str().str(), 0, 0},
           llvm::Twine("cannot read this profile: ") + buffer.getError().message());
    return;
  }
  if (observe)
    observe(path, (*buffer)->getBuffer());
  const std::size_t errorCount = result.errors.size();
  const RuleSource source = readSource((*buffer)->getBuffer(), path.str().str(), result.errors);
  if (result.errors.size() == errorCount)
    ProfileReader(source, result.rules, result.errors).read();
}

} // namespace bhlint
