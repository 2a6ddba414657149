#include "analysis/extract/compiler.h"

#include "clang/Basic/DiagnosticOptions.h"
#include "clang/Frontend/Utils.h"

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
} // namespace

void ErrorRecorder::HandleDiagnostic(DiagnosticsEngine::Level level, const Diagnostic &info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level < DiagnosticsEngine::Error)
    return;
  if (info.hasSourceManager() && info.getLocation().isValid())
    mainFileLines.insert(lineInMainFile(info.getSourceManager(), info.getLocation()));
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
  auto compiler = std::make_unique<CompilerInstance>();
  compiler->createDiagnostics(&errors, /*ShouldOwnClient=*/false);
  std::vector<const char *> arguments;
  for (const std::string &argument : request.arguments)
    arguments.push_back(argument.c_str());
  for (const char *option : {"-fsyntax-only", "-w", "-Wno-error", "-ferror-limit=20"})
    arguments.push_back(option);
  arguments.push_back(request.file.c_str());
  CreateInvocationOptions options;
  options.Diags = &compiler->getDiagnostics();
  options.VFS = fileSystem;
  options.ProbePrecompiled = false;
  std::shared_ptr<CompilerInvocation> invocation = createInvocation(arguments, options);
  if (!invocation) {
    if (errors.first.empty())
      errors.first = "the command is not a compilation";
    return nullptr;
  }
  invocation->getFileSystemOpts().WorkingDir = request.directory;
  invocation->getFrontendOpts().DisableFree = false;
  invocation->getDiagnosticOpts().IgnoreWarnings = true;
  invocation->getDiagnosticOpts().ShowCarets = false; // also silences the count at the end
  compiler->setInvocation(std::move(invocation));
  compiler->createFileManager(std::move(fileSystem));
  return compiler;
}

} // namespace bhlint
