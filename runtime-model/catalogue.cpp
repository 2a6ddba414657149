#include "runtime-model/catalogue.h"

#include "runtime-model/data.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <yaml-cpp/yaml.h>

namespace bhlint::model {

std::string toString(const Diagnostic &d) {
  return d.file + ":" + std::to_string(d.line) + ":" + std::to_string(d.column) + ": error: " + d.message;
}

namespace {

/// "in_hardirq|irqs_disabled&!in_softirq": alternatives of conjunctions.
bool parsePredicates(llvm::StringRef text, Guard &guard, std::string &error) {
  llvm::SmallVector<llvm::StringRef, 4> alternatives;
  text.split(alternatives, '|');
  for (llvm::StringRef alternative : alternatives) {
    if (guard.count == std::size(guard.alternatives)) {
      error = "at most three alternatives in a condition";
      return false;
    }
    llvm::SmallVector<llvm::StringRef, 4> terms;
    alternative.split(terms, '&');
    Guard::Alternative &out = guard.alternatives[guard.count++];
    for (llvm::StringRef term : terms) {
      const bool isNegated = term.consume_front("!");
      const std::optional<std::uint16_t> bit = predicateFromName({term.data(), term.size()});
      if (!bit) {
        error = "unknown condition '" + term.str() + "'";
        return false;
      }
      (isNegated ? out.mustNot : out.must) |= *bit;
    }
  }
  return true;
}

/// "n < 25" and the like.
bool parseComparison(llvm::StringRef left, llvm::StringRef comparison, llvm::StringRef right, StepText &step,
                     std::string &error) {
  const char op = llvm::StringSwitch<char>(comparison).Case("==", '=').Case("!=", '!').Case("<", '<').Case(">", '>').Default(0);
  unsigned value = 0;
  if (!op || right.getAsInteger(10, value) || value > 255) {
    error = "a condition is a predicate, or 'variable ==|!=|<|> number'";
    return false;
  }
  step.guardVariable = left.str();
  step.guard.comparison = op;
  step.guard.value = static_cast<std::uint8_t>(value);
  return true;
}

bool parseCondition(llvm::ArrayRef<llvm::StringRef> words, StepText &step, std::string &error) {
  if (words.size() == 3)
    return parseComparison(words[0], words[1], words[2], step, error);
  if (words.size() != 1) {
    error = "a condition is a predicate, or 'variable ==|!=|<|> number'";
    return false;
  }
  if (words[0] == "blocking") {
    (step.guard.isNegated ? step.onlyIfAtomic : step.onlyIfBlocking) = true;
    step.guard.isNegated = false;
    return true;
  }
  return parsePredicates(words[0], step.guard, error);
}

} // namespace

bool parseStep(llvm::StringRef text, StepText &step, std::string &error) {
  llvm::SmallVector<llvm::StringRef, 8> words;
  text.split(words, ' ', -1, false);
  if (words.empty()) {
    error = "empty step";
    return false;
  }
  const std::optional<Act> act = actFromName({words[0].data(), words[0].size()});
  if (!act) {
    error = "unknown step '" + words[0].str() + "'";
    return false;
  }
  step.act = *act;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "if" || words[i] == "unless") {
      step.guard.isNegated = words[i] == "unless";
      return parseCondition(llvm::ArrayRef(words).drop_front(i + 1), step, error);
    }
    if (words[i].starts_with("@"))
      step.site = words[i].drop_front().str();
    else if (step.operand.empty())
      step.operand = words[i].str();
    else if (step.second.empty())
      step.second = words[i].str();
    else {
      error = "too many words in '" + text.str() + "'";
      return false;
    }
  }
  return true;
}

namespace {

std::optional<ArgumentKind> argumentKind(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<ArgumentKind>>(name)
      .Case("lock", ArgumentKind::Lock)
      .Case("tasklet", ArgumentKind::Tasklet)
      .Case("work", ArgumentKind::Work)
      .Case("workqueue", ArgumentKind::Queue)
      .Case("timer", ArgumentKind::Timer)
      .Case("line", ArgumentKind::Line)
      .Case("handler", ArgumentKind::Action)
      .Case("callback", ArgumentKind::Callback)
      .Case("variable", ArgumentKind::Variable)
      .Case("gfp", ArgumentKind::Gfp)
      .Default(std::nullopt);
}

class CatalogueReader {
public:
  CatalogueReader(Catalogue &out, const std::string &file, std::vector<Diagnostic> &diagnostics)
      : result(out), fileName(file), errors(diagnostics) {}

  void read(const YAML::Node &root) {
    for (const auto &entry : root["gfp"])
      result.gfp[entry.first.as<std::string>()] = entry.second.as<std::string>() == "blocking";
    for (const auto &entry : root["locks"])
      readLock(entry.first, entry.second);
    for (const auto &entry : root["functions"])
      readFunction(entry.first, entry.second);
  }

private:
  void error(const YAML::Node &at, std::string message) {
    errors.push_back({fileName, static_cast<unsigned>(at.Mark().line + 1), static_cast<unsigned>(at.Mark().column + 1),
                      std::move(message)});
  }
  void readLock(const YAML::Node &key, const YAML::Node &value) {
    const auto kind = llvm::StringSwitch<std::optional<LockKind>>(value.as<std::string>())
                          .Case("raw", LockKind::Raw)
                          .Case("spin", LockKind::Spin)
                          .Case("local", LockKind::Local)
                          .Case("mutex", LockKind::Mutex)
                          .Case("semaphore", LockKind::Semaphore)
                          .Default(std::nullopt);
    if (kind)
      result.locks[key.as<std::string>()] = *kind;
    else
      error(value, "a lock is raw, spin, local, mutex or semaphore");
  }
  void readFunction(const YAML::Node &key, const YAML::Node &value) {
    FunctionText function;
    function.name = key.as<std::string>();
    function.line = static_cast<unsigned>(key.Mark().line + 1);
    for (const YAML::Node &argument : value["args"])
      if (const auto kind = argumentKind(argument.as<std::string>()))
        function.arguments.push_back(*kind);
      else
        error(argument, "unknown kind of argument '" + argument.as<std::string>() + "'");
    for (const YAML::Node &text : value["does"])
      readStep(text, function);
    result.functions[function.name] = std::move(function);
  }
  void readStep(const YAML::Node &text, FunctionText &function) {
    // A step that names another function stands for that function's steps.
    const std::string words = text.as<std::string>();
    llvm::StringRef name = llvm::StringRef(words).split(' ').first;
    if (name.consume_front("=")) {
      const auto it = result.functions.find(std::string_view(name.data(), name.size()));
      if (it == result.functions.end())
        error(text, "function '" + name.str() + "' has to be described before it is used");
      else
        function.does.insert(function.does.end(), it->second.does.begin(), it->second.does.end());
      return;
    }
    StepText step;
    std::string message;
    if (parseStep(words, step, message))
      function.does.push_back(std::move(step));
    else
      error(text, message);
  }

  Catalogue &result;
  const std::string &fileName;
  std::vector<Diagnostic> &errors;
};

} // namespace

std::unique_ptr<Catalogue> readCatalogue(llvm::StringRef yaml, const std::string &file,
                                         std::vector<Diagnostic> &diagnostics) {
  auto result = std::make_unique<Catalogue>();
  try {
    CatalogueReader(*result, file, diagnostics).read(YAML::Load(yaml.str()));
  } catch (const YAML::Exception &e) {
    diagnostics.push_back({file, static_cast<unsigned>(e.mark.line + 1), static_cast<unsigned>(e.mark.column + 1), e.msg});
  }
  return result;
}

const Catalogue &catalogue() {
  static const std::unique_ptr<Catalogue> instance = [] {
    std::vector<Diagnostic> diagnostics;
    std::unique_ptr<Catalogue> read = readCatalogue(functionsYaml(), "functions.yaml", diagnostics);
    for (const Diagnostic &d : diagnostics)
      llvm::errs() << toString(d) << '\n';
    if (!diagnostics.empty())
      llvm::report_fatal_error("the built-in catalogue of functions is broken");
    return read;
  }();
  return *instance;
}

} // namespace bhlint::model
