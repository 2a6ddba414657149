#include "analysis/extract/prelude.h"
#include "analysis/extract/compiler.h"

#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "llvm/Support/FileSystem.h"
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
      prelude.defaults.insert(macro);
      if (isFormatDecorator(*directive->getMacroInfo(), preprocessor))
        prelude.decorators.insert(macro);
      else
        prelude.decorators.erase(macro);
    }
    if (std::string file = fileOf(name.getLocation()); !file.empty()) // not the command line's
      prelude.definers[macro].push_back(std::move(file));
  }
  void MacroExpands(const Token &name, const MacroDefinition &, SourceRange range, const MacroArgs *) override {
    if (prelude.defaults.contains(name.getIdentifierInfo()->getName()))
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
};

class PreludeAction : public GeneratePCHAction {
public:
  explicit PreludeAction(Prelude &prelude) : prelude(prelude) {}
  bool BeginSourceFileAction(CompilerInstance &compiler) override {
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<PreludeCollector>(prelude, compiler.getPreprocessor()));
    return GeneratePCHAction::BeginSourceFileAction(compiler);
  }

private:
  Prelude &prelude;
};

} // namespace

CommandShape shapeOf(const ExtractRequest &request) {
  CommandShape shape;
  for (std::size_t i = 0; i < request.arguments.size(); ++i) {
    llvm::StringRef argument = request.arguments[i];
    if (isMacroOption(argument)) {
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
  auto matters = [&](llvm::StringRef argument) { return prelude.testers.contains(macroOf(argument)); };
  std::vector<std::string> difference;
  std::vector<std::string> mine = prelude.macros;
  std::erase_if(mine, [](const std::string &argument) { return namesTheUnit(argument); });
  std::sort(mine.begin(), mine.end());
  std::set_symmetric_difference(mine.begin(), mine.end(), shape.macros.begin(), shape.macros.end(),
                                std::back_inserter(difference));
  return std::none_of(difference.begin(), difference.end(), matters);
}

namespace {

/// The command for a prelude whose text is in `file`. Headers may use the unit's name in inline functions; any will do,
/// facts do not hold strings.
ExtractRequest requestForPrelude(const ExtractRequest &unit, llvm::StringRef file) {
  ExtractRequest own = unit;
  own.file = file.str();
  std::erase_if(own.arguments, [](llvm::StringRef option) { return isMacroOption(option) && namesTheUnit(option); });
  for (const char *option : {"-DKBUILD_MODNAME=\"bhlint\"", "-DKBUILD_BASENAME=\"bhlint\"",
                             "-DKBUILD_MODFILE=\"bhlint\"", "-D__KBUILD_MODNAME=kmod_bhlint", "-xc-header"})
    own.arguments.push_back(option);
  return own;
}

/// One try with these headers, three lines each in the text that includes them.
std::shared_ptr<Prelude> tryHeaders(const ExtractRequest &own, const std::vector<std::string> &headers,
                                    llvm::StringRef pch, ErrorRecorder &errors,
                                    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  auto prelude = std::make_shared<Prelude>();
  prelude->pch = pch.str();
  prelude->headers = headers;
  llvm::copy_if(own.arguments, std::back_inserter(prelude->macros), isMacroOption);
  std::unique_ptr<CompilerInstance> compiler = makeCompiler(own, errors, std::move(files));
  if (!compiler)
    return nullptr;
  compiler->getFrontendOpts().OutputFile = pch.str();
  compiler->getFrontendOpts().ProgramAction = frontend::GeneratePCH;
  compiler->getDiagnosticOpts().ErrorLimit = 0;
  compiler->getDiagnostics().setErrorLimit(0);
  PreludeAction action(*prelude);
  compiler->ExecuteAction(action);
  return errors.getNumErrors() == 0 ? prelude : nullptr;
}

std::error_code writeIncludes(llvm::StringRef path, const std::vector<std::string> &headers) {
  std::error_code failure;
  llvm::raw_fd_ostream out(path, failure);
  for (const std::string &header : headers)
    out << "#if __has_include(<" << header << ">)\n#include <" << header << ">\n#endif\n";
  return failure;
}

/// Clang wants to see the text again when the result is used, so it is a real file beside it.
std::string textOf(llvm::StringRef pch) {
  llvm::SmallString<256> path(pch);
  llvm::sys::path::replace_extension(path, "h");
  return path.str().str();
}

} // namespace

Prelude::~Prelude() {
  llvm::sys::fs::remove(pch);
  llvm::sys::fs::remove(textOf(pch));
}

llvm::Expected<std::shared_ptr<const Prelude>> buildPrelude(const ExtractRequest &request,
                                                            std::vector<std::string> headers, llvm::StringRef pch,
                                                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  ExtractRequest own = requestForPrelude(request, textOf(pch));
  std::string lastError;
  for (unsigned attempt = 0; attempt < mostTries && !headers.empty(); ++attempt) {
    if (std::error_code failure = writeIncludes(own.file, headers))
      return llvm::errorCodeToError(failure);
    ErrorRecorder errors;
    if (std::shared_ptr<Prelude> prelude = tryHeaders(own, headers, pch, errors, files))
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
  llvm::sys::fs::remove(own.file);
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 lastError.empty() ? "no header can be precompiled" : lastError);
}

} // namespace bhlint
