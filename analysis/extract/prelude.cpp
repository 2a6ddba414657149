#include "analysis/extract/prelude.h"
#include "analysis/extract/compiler.h"

#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

namespace bhlint {

using namespace clang;

namespace {

constexpr llvm::StringLiteral unitNamePrefix = "KBUILD_"; // Kbuild's names of the unit itself
constexpr unsigned mostTries = 8;                         ///< rounds of dropping headers that do not parse on their own

bool namesTheUnit(llvm::StringRef argument) { return argument.drop_front(2).ltrim('_').starts_with(unitNamePrefix); }

/// Collects what the prelude's headers define, test and include.
class PreludeCollector : public PPCallbacks {
public:
  PreludeCollector(Prelude &prelude, const Preprocessor &preprocessor)
      : prelude(prelude), preprocessor(preprocessor), sources(preprocessor.getSourceManager()) {}

  void InclusionDirective(SourceLocation hash, const Token &, llvm::StringRef, bool, CharSourceRange,
                          OptionalFileEntryRef file, llvm::StringRef, llvm::StringRef, const Module *, bool,
                          SrcMgr::CharacteristicKind) override {
    if (file)
      prelude.includes[fileOf(hash)].push_back(file->getName().str());
  }
  void MacroDefined(const Token &name, const MacroDirective *directive) override {
    llvm::StringRef macro = name.getIdentifierInfo()->getName();
    // `#ifndef X / #define X default`: a unit's own X comes later and simply replaces the default, unless the headers
    // expand it themselves.
    if (macro == pendingDefault) {
      pendingDefault = {};
      defaults.insert(name.getIdentifierInfo());
      if (isFormatDecorator(*directive->getMacroInfo(), preprocessor))
        prelude.decorators.insert(macro);
      else
        prelude.decorators.erase(macro);
    }
    if (std::string file = fileOf(name.getLocation()); !file.empty()) // not the command line's
      prelude.macroFiles[macro] = std::move(file);
  }
  void MacroExpands(const Token &name, const MacroDefinition &, SourceRange range, const MacroArgs *) override {
    if (defaults.contains(name.getIdentifierInfo()))
      add(name.getIdentifierInfo()->getName(), range.getBegin());
  }
  void Ifndef(SourceLocation, const Token &name, const MacroDefinition &) override {
    settle();
    pendingDefault = name.getIdentifierInfo()->getName();
    pendingLocation = name.getLocation();
  }
  void Ifdef(SourceLocation, const Token &name, const MacroDefinition &) override { test(name); }
  void Elifdef(SourceLocation, const Token &name, const MacroDefinition &) override { test(name); }
  void Elifndef(SourceLocation, const Token &name, const MacroDefinition &) override { test(name); }
  void Defined(const Token &name, const MacroDefinition &, SourceRange) override { test(name); }
  void If(SourceLocation, SourceRange range, ConditionValueKind) override { testRange(range); }
  void Elif(SourceLocation, SourceRange range, ConditionValueKind, SourceLocation) override { testRange(range); }
  void EndOfMainFile() override { settle(); }

private:
  void add(llvm::StringRef macro, SourceLocation location) {
    std::vector<std::string> &files = prelude.testers[macro];
    std::string file = fileOf(location);
    if (files.empty() || files.back() != file)
      files.push_back(std::move(file));
  }
  /// An #ifndef whose macro was not defined next is a real test.
  void settle() {
    if (!pendingDefault.empty())
      add(pendingDefault, pendingLocation);
    pendingDefault = {};
  }
  void test(const Token &name) {
    settle();
    add(name.getIdentifierInfo()->getName(), name.getLocation());
  }
  /// Every identifier in an #if condition may be a macro that decides.
  void testRange(SourceRange range) {
    settle();
    llvm::StringRef text =
        Lexer::getSourceText(CharSourceRange::getTokenRange(range), sources, preprocessor.getLangOpts());
    while (!text.empty()) {
      text = text.drop_until([](char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; });
      llvm::StringRef word =
          text.take_while([](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
      if (!word.empty())
        add(word, range.getBegin());
      text = text.drop_front(word.size());
    }
  }
  std::string fileOf(SourceLocation location) const {
    OptionalFileEntryRef file = sources.getFileEntryRefForID(sources.getFileID(sources.getFileLoc(location)));
    return file ? file->getName().str() : std::string();
  }

  Prelude &prelude;
  const Preprocessor &preprocessor;
  const SourceManager &sources;
  llvm::StringRef pendingDefault;
  SourceLocation pendingLocation;
  llvm::DenseSet<const IdentifierInfo *> defaults;
};

class PreludeAction : public GeneratePCHAction {
public:
  explicit PreludeAction(Prelude &prelude) : prelude(prelude) {}
  bool BeginSourceFileAction(CompilerInstance &compiler) override {
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<PreludeCollector>(prelude, compiler.getPreprocessor()));
    return GeneratePCHAction::BeginSourceFileAction(compiler);
  }
  void EndSourceFileAction() override {
    const SourceManager &sources = getCompilerInstance().getSourceManager();
    for (auto entry = sources.fileinfo_begin(); entry != sources.fileinfo_end(); ++entry)
      prelude.inputs.push_back(entry->first.getName().str());
    std::sort(prelude.inputs.begin(), prelude.inputs.end());
    GeneratePCHAction::EndSourceFileAction();
  }

private:
  Prelude &prelude;
};

} // namespace

CommandShape shapeOf(const ExtractRequest &request) {
  CommandShape shape;
  for (std::size_t i = 0; i < request.arguments.size(); ++i) {
    llvm::StringRef argument = request.arguments[i];
    if (argument.starts_with("-D") || argument.starts_with("-U")) {
      if (!namesTheUnit(argument))
        shape.macros.push_back(argument.str());
    } else if (argument == "-I") {
      ++i;
    } else if (!argument.starts_with("-I")) {
      shape.base += argument.str() + '\n';
    }
  }
  std::sort(shape.macros.begin(), shape.macros.end());
  shape.macros.erase(std::unique(shape.macros.begin(), shape.macros.end()), shape.macros.end());
  return shape;
}

bool isFormatDecorator(const MacroInfo &macro, const Preprocessor &preprocessor) {
  if (!macro.isFunctionLike() || macro.getNumParams() != 1)
    return false;
  unsigned uses = 0;
  for (const Token &token : macro.tokens()) {
    const IdentifierInfo *identifier = token.getIdentifierInfo();
    if (identifier && identifier == macro.params().front()) {
      ++uses;
    } else if (identifier) {
      const MacroInfo *inner = preprocessor.getMacroInfo(identifier); // KBUILD_MODNAME, DRIVER_NAME
      if (inner && !llvm::all_of(inner->tokens(), [](const Token &part) { return part.is(tok::string_literal); }))
        return false;
    } else if (token.isNot(tok::string_literal) && token.isNot(tok::comma)) {
      return false; // a call, an operator: code of its own
    }
  }
  return uses == 1;
}

bool mayUse(const Prelude &prelude, const CommandShape &shape) {
  auto matters = [&](llvm::StringRef argument) {
    return prelude.testers.contains(argument.drop_front(2).split('=').first);
  };
  std::vector<std::string> difference;
  std::vector<std::string> mine = prelude.macros;
  std::erase_if(mine, [](const std::string &argument) { return namesTheUnit(argument); });
  std::sort(mine.begin(), mine.end());
  std::set_symmetric_difference(mine.begin(), mine.end(), shape.macros.begin(), shape.macros.end(),
                                std::back_inserter(difference));
  return std::none_of(difference.begin(), difference.end(), matters);
}

llvm::Expected<std::shared_ptr<const Prelude>> buildPrelude(const ExtractRequest &request,
                                                            std::vector<std::string> headers, llvm::StringRef pch,
                                                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  // A real file beside the result: Clang wants to see it again when the result is used.
  llvm::SmallString<256> path(pch);
  llvm::sys::path::replace_extension(path, "h");
  std::string lastError;
  for (unsigned attempt = 0; attempt < mostTries && !headers.empty(); ++attempt) {
    std::string text;
    for (const std::string &header : headers) // three lines each
      text += "#if __has_include(<" + header + ">)\n#include <" + header + ">\n#endif\n";
    std::error_code failure;
    {
      llvm::raw_fd_ostream out(path, failure);
      out << text;
    }
    if (failure)
      return llvm::errorCodeToError(failure);

    auto prelude = std::make_shared<Prelude>();
    prelude->pch = pch.str();
    prelude->headers = headers;
    ExtractRequest own = request;
    own.file = path.str().str();
    own.arguments.clear();
    for (const std::string &argument : request.arguments) {
      llvm::StringRef option = argument;
      if ((option.starts_with("-D") || option.starts_with("-U")) && namesTheUnit(option))
        continue;
      own.arguments.push_back(argument);
    }
    // Headers may use the unit's name in inline functions; any will do, facts do not hold strings.
    for (const char *name : {"-DKBUILD_MODNAME=\"bhlint\"", "-DKBUILD_BASENAME=\"bhlint\"",
                             "-DKBUILD_MODFILE=\"bhlint\"", "-D__KBUILD_MODNAME=kmod_bhlint"})
      own.arguments.push_back(name);
    for (const std::string &argument : own.arguments)
      if (llvm::StringRef(argument).starts_with("-D") || llvm::StringRef(argument).starts_with("-U"))
        prelude->macros.push_back(argument);
    own.arguments.push_back("-xc-header");

    ErrorRecorder errors;
    std::unique_ptr<CompilerInstance> compiler = makeCompiler(own, errors, files);
    if (!compiler)
      return llvm::createStringError(llvm::inconvertibleErrorCode(), errors.first);
    compiler->getFrontendOpts().OutputFile = pch.str();
    compiler->getFrontendOpts().ProgramAction = frontend::GeneratePCH;
    compiler->getDiagnosticOpts().ErrorLimit = 0;
    compiler->getDiagnostics().setErrorLimit(0);
    PreludeAction action(*prelude);
    compiler->ExecuteAction(action);
    if (errors.getNumErrors() == 0)
      return std::shared_ptr<const Prelude>(std::move(prelude));
    lastError = errors.first;
    // Every header that an error leads to goes at once. An innocent one among them only makes the prelude smaller.
    std::vector<std::string> kept;
    for (unsigned i = 0; i < headers.size(); ++i)
      if (!errors.mainFileLines.count(3 * i + 2))
        kept.push_back(headers[i]);
    if (kept.size() == headers.size())
      break;
    headers = std::move(kept);
  }
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 lastError.empty() ? "no header can be precompiled" : lastError);
}

} // namespace bhlint
