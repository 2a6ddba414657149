#include "analysis/extract/compiler.h"
#include "analysis/extract/prelude.h"

#include "clang/AST/Decl.h"
#include "clang/Basic/DiagnosticOptions.h"
#include "clang/Frontend/Utils.h"
#include "clang/Lex/PreprocessorOptions.h"

#include <cctype>

namespace bhlint {

using namespace clang;

namespace {
unsigned lineInMainFile(const SourceManager &sources, SourceLocation location) {
  location = sources.getFileLoc(location);
  while (location.isValid()) {
    FileID file = sources.getFileID(location);
    if (file == sources.getMainFileID())
      return sources.getSpellingLineNumber(location);
    location = sources.getIncludeLoc(file);
  }
  return 0;
}

const IdentifierInfo *identifierIn(const Diagnostic &info, unsigned argument) {
  switch (info.getArgKind(argument)) {
  case DiagnosticsEngine::ak_identifierinfo:
    return info.getArgIdentifier(argument);
  case DiagnosticsEngine::ak_declarationname:
    return DeclarationName::getFromOpaqueInteger(info.getRawArg(argument)).getAsIdentifierInfo();
  case DiagnosticsEngine::ak_nameddecl:
    return reinterpret_cast<const NamedDecl *>(info.getRawArg(argument))->getIdentifier();
  default:
    return nullptr;
  }
}

/// The word at the place of an error: often the name that is declared there.
llvm::StringRef wordAt(const SourceManager &sources, SourceLocation location) {
  llvm::StringRef text(sources.getCharacterData(sources.getSpellingLoc(location)));
  return text.take_while([](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
}
} // namespace

bool isMacroOption(llvm::StringRef argument) { return argument.starts_with("-D") || argument.starts_with("-U"); }

llvm::StringRef macroOf(llvm::StringRef argument) { return argument.drop_front(2).split('=').first; }

void ErrorRecorder::HandleDiagnostic(DiagnosticsEngine::Level level, const Diagnostic &info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level < DiagnosticsEngine::Error)
    return;
  if (info.hasSourceManager() && info.getLocation().isValid()) {
    mainFileLines.insert(lineInMainFile(info.getSourceManager(), info.getLocation()));
    names.insert(wordAt(info.getSourceManager(), info.getLocation()));
  }
  for (unsigned i = 0; i < info.getNumArgs(); ++i)
    if (const IdentifierInfo *identifier = identifierIn(info, i))
      names.insert(identifier->getName());
  if (!first.empty())
    return;
  llvm::SmallString<128> message;
  info.FormatDiagnostic(message);
  if (info.hasSourceManager() && info.getLocation().isValid()) {
    const SourceManager &sources = info.getSourceManager();
    PresumedLoc place = sources.getPresumedLoc(info.getLocation());
    if (place.isValid())
      first = std::string(place.getFilename()) + ":" + std::to_string(place.getLine()) + ": ";
  }
  first += message.str();
}

std::unique_ptr<CompilerInstance> makeCompiler(const ExtractRequest &request, ErrorRecorder &errors,
                                               llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  std::vector<const char *> arguments;
  for (const std::string &argument : request.arguments)
    arguments.push_back(argument.c_str());
  for (const char *option : {"-fsyntax-only", "-w", "-Wno-error", "-ferror-limit=20"})
    arguments.push_back(option);
  arguments.push_back(request.file.c_str());
  llvm::IntrusiveRefCntPtr<DiagnosticsEngine> diagnostics =
      CompilerInstance::createDiagnostics(new DiagnosticOptions, &errors, /*ShouldOwnClient=*/false);
  CreateInvocationOptions options;
  options.Diags = diagnostics;
  options.VFS = fileSystem;
  options.ProbePrecompiled = false;
  std::shared_ptr<CompilerInvocation> invocation = createInvocation(arguments, options);
  if (!invocation) {
    if (errors.first.empty())
      errors.first = "the command is not a compilation";
    return nullptr;
  }
  return makeCompiler(std::move(invocation), request.directory, errors, std::move(fileSystem));
}

std::unique_ptr<CompilerInstance> makeCompiler(std::shared_ptr<CompilerInvocation> invocation,
                                               llvm::StringRef directory, ErrorRecorder &errors,
                                               llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  invocation->getFileSystemOpts().WorkingDir = directory.str();
  invocation->getFrontendOpts().DisableFree = false;
  invocation->getDiagnosticOpts().IgnoreWarnings = true;
  invocation->getDiagnosticOpts().ShowCarets = false; // also silences the count at the end
  auto compiler = std::make_unique<CompilerInstance>();
  // Before the invocation, whose -W options would turn errors into warnings.
  compiler->createDiagnostics(&errors, /*ShouldOwnClient=*/false);
  compiler->setInvocation(std::move(invocation));
  compiler->createFileManager(std::move(fileSystem));
  return compiler;
}

void usePrelude(CompilerInstance &compiler, const Prelude &prelude) {
  PreprocessorOptions &options = compiler.getPreprocessorOpts();
  options.ImplicitPCHInclude = prelude.pch;
  options.DisablePCHOrModuleValidation = DisableValidationForModuleKind::PCH;
  compiler.getDiagnosticOpts().ErrorLimit = 0;
  compiler.getDiagnostics().setErrorLimit(0);
}

} // namespace bhlint
