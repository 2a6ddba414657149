#include "analysis/program/learned.h"
#include "analysis/program/program_tables.h"

namespace bhlint {

namespace {

class LearnedSteps {
public:
  explicit LearnedSteps(ProgramTables &tables) : tables(tables), program(tables.program) {}

  void run() {
    if (!program.learned)
      return;
    const std::size_t count = program.functions.size();
    for (FunctionId id = 0; id < count; ++id) {
      Function &function = program.functions[id];
      bool isOpen = function.file == 0 && !function.isStatic && function.effect == noId && function.test == noId &&
                    function.sleep == noId;
      if (!isOpen)
        continue;
      auto found = program.learned->byName.find(program.strings[function.name]);
      if (found == program.learned->byName.end())
        continue;
      learnedIds[found->second] = id;
      describe(id, found->second);
    }
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (program.functions[id].learned != noId)
        addLearnedSteps(program.functions[id].learned);
    program.learnedIds = std::move(learnedIds);
  }

private:
  void describe(FunctionId id, std::uint32_t index) {
    const LearnedFunction &learned = program.learned->functions[index];
    Function &function = program.functions[id];
    function.learned = index;
    function.file = tables.intern(learned.file);
    function.module = tables.intern(learned.module);
    function.place = {function.file, learned.line, 1};
  }

  void addLearnedSteps(std::uint32_t index) {
    for (const LearnedSleep &sleep : program.learned->functions[index].sleeps) {
      if (sleep.to != noId && !learnedIds.contains(sleep.to)) {
        FunctionId id = tables.addFunction(tables.intern(program.learned->functions[sleep.to].name), true);
        learnedIds[sleep.to] = id;
        describe(id, sleep.to);
      }
      for (const auto &[term, known] : sleep.guard)
        internTerm(term);
      tables.intern(sleep.sink);
      tables.intern(sleep.file);
    }
    for (const LearnedExit &exit : program.learned->functions[index].exits) {
      for (const auto &[term, known] : exit.guard)
        internTerm(term);
      internTerm(exit.result);
    }
  }

  /// Names that a term in text form (learned.cpp) is made of; the summaries find them again.
  void internTerm(llvm::StringRef text) {
    if (text.consume_front("t:")) {
      tables.intern(text);
      return;
    }
    llvm::SmallVector<llvm::StringRef, 4> parts;
    text.split(parts, '|');
    for (llvm::StringRef step : llvm::drop_begin(parts)) {
      auto [record, field] = step.rsplit('.');
      tables.intern(record);
      tables.intern(field);
    }
    if (!parts.front().consume_front("g:"))
      return;
    auto [name, file] = parts.front().rsplit('@');
    program.learnedGlobals[parts.front()] = tables.globalOf(tables.intern(name), tables.intern(file));
  }

  ProgramTables &tables;
  Program &program;
  llvm::DenseMap<std::uint32_t, FunctionId> learnedIds; ///< LearnedContracts::functions -> the function that has it
};

} // namespace

void attachLearned(ProgramTables &tables) { LearnedSteps(tables).run(); }

} // namespace bhlint
