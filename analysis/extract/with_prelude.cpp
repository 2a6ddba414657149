#include "analysis/extract/with_prelude.h"
#include "analysis/extract/compiler.h"
#include "analysis/extract/exactness.h"
#include "analysis/extract/facts_action.h"
#include "analysis/extract/unit_builder.h"

#include "clang/Frontend/CompilerInstance.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "llvm/Support/Path.h"

#include <algorithm>

namespace bhlint {

using namespace clang;

namespace {

constexpr llvm::StringLiteral unitMacrosFile = "bhlint-unit-macros.h";
constexpr unsigned mostTries = 3; ///< each hides what the one before has clashed with

class PreludeFactsAction : public FactsAction {
public:
  PreludeFactsAction(const ExtractRequest &request, const Prelude &prelude, const ErrorRecorder &errors,
                     const Hidden &hidden, ExtractResult &result)
      : FactsAction(request, result), request(request), prelude(prelude), errors(errors), hidden(hidden) {}

  bool BeginSourceFileAction(CompilerInstance &compiler) override {
    auto owned = std::make_unique<ExactnessCheck>(prelude, compiler, errors, request.directory, hidden);
    check = owned.get();
    compiler.getPreprocessor().addPPCallbacks(std::move(owned));
    return true;
  }
  bool isWanted(CompilerInstance &) override {
    verdict = check->finish();
    verdict.isExact &= errors.getNumErrors() == 0;
    return verdict.isExact;
  }

  ExactnessCheck::Verdict verdict; ///< not exact when the parser did not come to the end

private:
  const ExtractRequest &request;
  const Prelude &prelude;
  const ErrorRecorder &errors;
  const Hidden &hidden;
  ExactnessCheck *check = nullptr; ///< the preprocessor's
};

/// The command's macros as a header: a precompiled header insists on the -D that it was built with.
std::string unitMacros(const ExtractRequest &request, const Prelude &prelude, const Hidden &hidden) {
  std::string text;
  auto isIn = [](const std::vector<std::string> &arguments, const std::string &argument) {
    return std::find(arguments.begin(), arguments.end(), argument) != arguments.end();
  };
  std::vector<llvm::StringRef> names;
  for (const auto &macro : hidden.macros)
    names.push_back(macro.getKey());
  std::sort(names.begin(), names.end());
  for (llvm::StringRef name : names)
    text += "#undef " + name.str() + "\n";
  for (const std::string &argument : prelude.macros)
    if (argument[1] == 'D' && !isIn(request.arguments, argument))
      text += "#undef " + macroOf(argument).str() + "\n";
  for (const std::string &argument : request.arguments) {
    if (!isMacroOption(argument) || isIn(prelude.macros, argument))
      continue;
    text += "#undef " + macroOf(argument).str() + "\n";
    if (argument[1] == 'D') {
      llvm::StringRef value = llvm::StringRef(argument).split('=').second;
      text += "#define " + macroOf(argument).str() + " " +
              (llvm::StringRef(argument).contains('=') ? value.str() : "1") + "\n";
    }
  }
  return text;
}

/// One try. Adds to `hidden` what it has clashed with and can be hidden.
std::optional<ExtractResult> tryPrelude(const ExtractRequest &request, const Prelude &prelude,
                                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem, Hidden &hidden) {
  ExtractRequest adapted = request;
  std::erase_if(adapted.arguments, isMacroOption);
  adapted.arguments.insert(adapted.arguments.end(), prelude.macros.begin(), prelude.macros.end());
  ErrorRecorder errors;
  std::unique_ptr<CompilerInstance> compiler = makeCompiler(adapted, errors, std::move(fileSystem));
  if (!compiler)
    return std::nullopt;
  usePrelude(*compiler, prelude);
  llvm::SmallString<256> path(request.directory);
  llvm::sys::path::append(path, unitMacrosFile);
  PreprocessorOptions &options = compiler->getPreprocessorOpts();
  options.Includes.push_back(path.str().str());
  options.addRemappedFile(path,
                          llvm::MemoryBuffer::getMemBufferCopy(unitMacros(request, prelude, hidden), path).release());
  ExtractResult result;
  PreludeFactsAction action(request, prelude, errors, hidden, result);
  compiler->ExecuteAction(action);
  if (!action.verdict.isExact) {
    const Hidden &clashing = action.verdict.clashing;
    hidden.included = clashing.included;
    for (const auto &macro : clashing.macros)
      hidden.macros.insert(macro.getKey());
    for (const auto &name : clashing.names)
      hidden.names.insert(name.getKey());
    return std::nullopt;
  }
  result.usedPrelude = true;
  result.inputs.insert(result.inputs.end(), action.verdict.inputs.begin(), action.verdict.inputs.end());
  std::string folder = llvm::sys::path::parent_path(prelude.pch).str();
  std::erase_if(result.inputs, [&](const std::string &input) {
    return llvm::StringRef(input).starts_with(folder) || llvm::StringRef(input).ends_with(unitMacrosFile);
  });
  tidyInputs(result.inputs, request.directory);
  return result;
}

} // namespace

void tidyInputs(std::vector<std::string> &inputs, llvm::StringRef directory) {
  for (std::string &input : inputs)
    input = relativePath(input, directory, "");
  std::sort(inputs.begin(), inputs.end());
  inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
}

std::optional<ExtractResult> extractWithPrelude(const ExtractRequest &request, const Prelude &prelude,
                                                llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  Hidden hidden;
  for (unsigned attempt = 0; attempt < mostTries; ++attempt) {
    std::size_t before = hidden.size();
    if (std::optional<ExtractResult> result = tryPrelude(request, prelude, fileSystem, hidden))
      return result;
    if (hidden.size() == before)
      break; // nothing more to hide: another try would clash in the same way
  }
  return std::nullopt;
}

} // namespace bhlint
