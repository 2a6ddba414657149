#include "driver/fix/fix.h"

#include "analysis/migrate/apply.h"
#include "analysis/ruleset/load.h"
#include "driver/fix/caller_edit.h"
#include "driver/fix/handler_edit.h"
#include "driver/fix/lock_edit.h"
#include "driver/fix/replacements.h"
#include "driver/fix/touched.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

namespace bhlint {

namespace {

using llvm::StringRef;

class Fixing {
public:
  Fixing(const EditableUnits &units, const FoundIn &before) : units(units) {
    for (const Finding &finding : before.findings)
      ++known[subjectOf(finding)];
    for (const FailedUnit &unit : before.failedUnits)
      failedBefore.insert(unit.file);
  }

  llvm::Expected<FixResult> run(std::vector<Finding> asked) {
    for (Finding &finding : asked) {
      result.findings.push_back({std::move(finding), {}});
      open.push_back(editsOf(result.findings.back().finding));
      next(result.findings.size() - 1, "");
    }
    if (llvm::Error error = verifyAll())
      return error;
    for (FindingFix &fix : result.findings)
      if (fix.isOffered())
        fix.finding.edit =
            FindingEdit{fix.edit.what, fix.edit.note, replacementsOf(fix.edit.edits, texts.at(fix.edit.edits.front().span.file))};
    return std::move(result);
  }

private:
  const CodeTokens *tokensOf(const std::string &file) {
    auto [entry, isNew] = tokens.try_emplace(file);
    if (isNew)
      if (std::optional<std::string> text = units.textOf(file)) {
        entry->second = std::make_unique<CodeTokens>(*text);
        texts[file] = std::move(*text);
      }
    return entry->second.get();
  }

  /// Whether nothing runs any more behind the finding's root: the machine goes down.
  bool isLast(const CodeTokens *code, const Finding &finding) const {
    const std::optional<std::size_t> name =
        code ? code->at(finding.root.place.line, finding.root.place.column) : std::nullopt;
    return (name && units.rules.lastCalls.contains(code->text(*name))) ||
           llvm::any_of(units.rules.lastFields, [&](const std::string &field) {
             return StringRef(finding.root.why + ",").contains(" " + field + ",");
           });
  }

  /// Where what took the lock calls what leads to the sleeping call; null: it calls that itself.
  static const ChainStep *callUnderLock(const Finding &finding) {
    const ChainStep *found = nullptr;
    if (maySleep(finding.ambient))
      for (const ChainStep &step : finding.chain)
        if (step.function == finding.root.function && step.place != finding.root.place)
          found = &step;
    return found && found->place != finding.place ? found : nullptr;
  }

  /// What may be tried, best first.
  std::vector<CallEdit> editsOf(const Finding &finding) {
    const CodeTokens *code = tokensOf(finding.place.file);
    if (!code)
      return {CallEdit{{}, {}, {}, "its file can't be edited here"}};
    const CodeTokens *rootCode = tokensOf(finding.root.place.file);
    std::vector<CallEdit> edits{editCall(*code, finding, isLast(rootCode, finding), units.rules, units.facts)};
    // A handler whose context is wrong, and nothing that it holds.
    const bool mayMove = finding.ambient == Context::HardIrq || finding.ambient == Context::BhWork;
    if (rootCode && mayMove)
      edits.push_back(editHandler(*rootCode, finding.root.place, units.rules));
    if (rootCode && finding.held == HeldState())
      llvm::append_range(edits, editCaller(*rootCode, finding.root, units.rules));
    if (finding.held != HeldState()) {
      llvm::append_range(edits, editLock(*code, {finding.place, finding.sink, std::nullopt}, units.rules));
      const ChainStep *step = callUnderLock(finding);
      if (const CodeTokens *other = step ? tokensOf(step->place.file) : nullptr)
        llvm::append_range(edits, editLock(*other, {step->place, finding.sink, finding.root.place}, units.rules));
    }
    const HeldState &held = finding.held;
    if (units.whyAtomic && maySleep(finding.ambient) && held.preempt > 0 && held.irq == 0 && held.bottomHalf == 0)
      if (const CodeTokens *other = tokensOf(finding.root.place.file))
        edits.push_back(editMutex(*other, finding.root.place, units.rules, units.whyAtomic));
    if (units.migrations)
      for (CallEdit &edit : units.migrations(finding))
        if (!edit.edits.empty() && tokensOf(edit.edits.front().span.file))
          edits.push_back(std::move(edit));
    return edits;
  }

  /// The finding's next edit after one that didn't hold, for `why`; none is left: all that stood against them.
  void next(std::size_t at, const std::string &why) {
    FindingFix &fix = result.findings[at];
    std::string reasons = fix.edit.refusal;
    auto add = [&](const std::string &reason) {
      if (!reason.empty() && reasons.find(reason) == std::string::npos)
        reasons += (reasons.empty() ? "" : "; ") + reason;
    };
    add(why);
    std::vector<CallEdit> &left = open[at];
    while (!left.empty()) {
      CallEdit edit = std::move(left.front());
      left.erase(left.begin());
      if (edit.refusal.empty()) {
        fix.edit = std::move(edit);
        refused[at] = reasons;
        return;
      }
      add(edit.refusal);
    }
    fix.edit = {{}, {}, {}, reasons};
  }

  void makeFiles() {
    result.files.clear();
    std::map<std::string, FileToEdit> edited;
    for (const FindingFix &fix : result.findings)
      if (fix.isOffered())
        for (const TextEdit &edit : fix.edit.edits)
          edited[edit.span.file].edits.push_back(edit);
    for (auto &[name, file] : edited) {
      file.path = units.tree + "/" + name;
      file.text = texts.at(name);
      llvm::Expected<std::string> text = applyEdits(file, *llvm::vfs::getRealFileSystem());
      if (text)
        result.files.push_back({name, file.text.str(), std::move(*text)});
      else
        refuseIn(name, llvm::toString(text.takeError()));
    }
  }

  template <class Which> bool refuse(Which which, const std::string &why) {
    bool isAny = false;
    for (std::size_t i = 0; i < result.findings.size(); ++i)
      if (result.findings[i].isOffered() && which(result.findings[i])) {
        result.findings[i].edit.refusal = refused[i];
        next(i, why);
        isAny = true;
      }
    return isAny;
  }

  /// Those that edit the file.
  bool refuseIn(const std::string &file, const std::string &why) {
    return refuse(
        [&](const FindingFix &fix) {
          return llvm::any_of(fix.edit.edits, [&](const TextEdit &edit) { return edit.span.file == file; });
        },
        why);
  }

  /// A unit that fails has been edited itself, or sees what was. True: edits were taken back.
  bool refuseFailing(const std::vector<FailedUnit> &failed, StringRef what) {
    bool isAny = false;
    for (const FailedUnit &unit : failed) {
      const std::string why = "edited so, it does not " + what.str() + ": " + unit.reason;
      if (refuseIn(unit.file, why))
        isAny = true;
      else if (!failedBefore.count(unit.file))
        isAny = refuse([](const FindingFix &) { return true; }, why) || isAny;
    }
    return isAny;
  }

  void addTouched(const FindingFix &fix, TouchedCode &touched) {
    touched.add(fix.finding, fix.edit, [this](const std::string &file) { return tokensOf(file); });
  }
  TouchedCode touchedBy(const FindingFix &fix) {
    TouchedCode touched;
    addTouched(fix, touched);
    return touched;
  }
  TouchedCode touchedCode() {
    TouchedCode touched;
    for (const FindingFix &fix : result.findings)
      if (fix.isOffered())
        addTouched(fix, touched);
    return touched;
  }

  /// Takes back the edits behind what is found in the edited tree; false: none had to be.
  bool refuseByFindings(const std::vector<Finding> &findings) {
    std::map<FindingSubject, unsigned> left, expected = known;
    for (const FindingFix &fix : result.findings)
      expected[subjectOf(fix.finding)] -= fix.isOffered();
    for (const Finding &finding : findings)
      ++left[subjectOf(finding)];
    bool isAny = refuse(
        [&](const FindingFix &fix) {
          auto found = left.find(subjectOf(fix.finding));
          return found != left.end() && found->second > expected[subjectOf(fix.finding)];
        },
        "edited so, the finding is still there");
    std::string unexplained;
    const TouchedCode touched = touchedCode();
    result.uncovered.clear();
    for (const Finding &finding : findings) {
      if (finding.confidence == Confidence::Low || known.count(subjectOf(finding)))
        continue;
      if (!touched.isOnWayOf(finding)) {
        result.uncovered.push_back(finding);
        continue;
      }
      const std::string why = "edited so, there is another finding: " + finding.message;
      isAny = refuse(
                  [&](const FindingFix &fix) {
                    return fix.finding.place.file == finding.place.file && fix.finding.function == finding.function;
                  },
                  why) ||
              refuse([&](const FindingFix &fix) { return touchedBy(fix).isNamedBy(finding); }, why) ||
              refuseIn(finding.place.file, why) || isAny;
      if (!isAny)
        unexplained = why;
    }
    // What no edit was taken back for may be gone with one that was: all of them go only when there was none.
    if (!isAny && !unexplained.empty())
      isAny = refuse([](const FindingFix &) { return true; }, unexplained);
    return isAny;
  }

  llvm::Error verifyAll() {
    for (bool isDone = false; !isDone;) {
      makeFiles();
      result.uncovered.clear();
      if (result.files.empty())
        return llvm::Error::success();
      llvm::Expected<FoundIn> after = units.analyse(result.files);
      if (!after)
        return after.takeError();
      isDone = !refuseFailing(after->failedUnits, "parse") && !refuseByFindings(after->findings);
      if (isDone && units.compile) {
        llvm::Expected<CompiledUnits> compiled = units.compile(result.files);
        if (!compiled)
          return compiled.takeError();
        result.compiled = compiled->count;
        isDone = !refuseFailing(compiled->failed, "compile");
      }
    }
    return llvm::Error::success();
  }

  const EditableUnits &units;
  FixResult result;
  std::vector<std::vector<CallEdit>> open;       ///< of each finding: edits that were not tried yet
  std::map<std::size_t, std::string> refused;    ///< of each finding: what stood against those before the one it has
  std::map<std::string, std::unique_ptr<CodeTokens>> tokens; ///< by file
  std::map<std::string, std::string> texts;
  std::map<FindingSubject, unsigned> known; ///< how many there are before any edit
  std::set<std::string> failedBefore;
};

} // namespace

llvm::Expected<FixResult> fixFindings(const EditableUnits &units, const FoundIn &before, std::vector<Finding> asked) {
  return Fixing(units, before).run(std::move(asked));
}

std::vector<Finding> findingsOf(FixResult result) {
  std::vector<Finding> findings;
  for (FindingFix &fix : result.findings)
    findings.push_back(std::move(fix.finding));
  return findings;
}

llvm::Expected<FixRules> readFixRules(const std::string &folder) {
  std::vector<RuleError> errors;
  FixRules rules = loadFixRules(*llvm::vfs::getRealFileSystem(), folder, errors);
  if (!errors.empty())
    return llvm::createStringError(formatRuleError(errors.front()));
  return rules;
}

} // namespace bhlint
