#include "analysis/extract/extract.h"
#include "analysis/extract/compiler.h"
#include "analysis/extract/function_builder.h"
#include "analysis/extract/macros.h"
#include "analysis/extract/prelude.h"

#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/PreprocessorOptions.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

#include <algorithm>

namespace bhlint {

using namespace clang;

namespace {

constexpr llvm::StringLiteral suppressionMarker = "bhlint:";
// Kbuild's protocol with the sources that it compiles: the module's name and whether it is built as one.
constexpr llvm::StringLiteral moduleNameMacro = "KBUILD_MODNAME", moduleMacro = "MODULE";

class SuppressionComments : public CommentHandler {
public:
  bool HandleComment(Preprocessor &preprocessor, SourceRange range) override {
    const SourceManager &sources = preprocessor.getSourceManager();
    const char *begin = sources.getCharacterData(range.getBegin());
    llvm::StringRef text(begin, static_cast<std::size_t>(sources.getFileOffset(range.getEnd()) -
                                                         sources.getFileOffset(range.getBegin())));
    if (text.contains(suppressionMarker))
      found.push_back({range.getBegin(), text.str()});
    return false;
  }
  std::vector<std::pair<SourceLocation, std::string>> found;
};

class FactsConsumer : public ASTConsumer {
public:
  FactsConsumer(CompilerInstance &compiler, const ExtractRequest &request, ExtractResult &result,
                SuppressionComments &comments)
      : compiler(compiler), request(request), result(result), comments(comments) {}

  void HandleTranslationUnit(ASTContext &context) override {
    UnitBuilder unit(context, compiler.getPreprocessor(), request.treeRoot, request.directory);
    const SourceManager &sources = context.getSourceManager();
    unit.facts.mainFile = unit.fileName(sources.getMainFileID());
    readMacros(unit);
    for (const Decl *declaration : context.getTranslationUnitDecl()->noload_decls())
      if (sources.isWrittenInMainFile(writtenLocation(declaration->getLocation(), sources)))
        visitTopLevel(unit, declaration);
    // Bodies are asked for while others are built: callees and functions whose address is taken.
    for (std::size_t i = 0; i < unit.wanted.size(); ++i)
      unit.facts.functions.push_back(FunctionBuilder(unit, unit.wanted[i]).build());
    for (const auto &[location, text] : comments.found)
      unit.facts.suppressions.push_back({unit.location(location), unit.intern(text)});
    listInputs(unit);
    result.facts = std::move(unit.facts);
  }

private:
  void readMacros(UnitBuilder &unit) {
    unit.facts.isBuiltIn = true;
    for (llvm::StringRef argument : request.arguments) {
      if (!argument.consume_front("-D"))
        continue;
      auto [name, value] = argument.split('=');
      if (name == moduleMacro)
        unit.facts.isBuiltIn = false;
      if (name == moduleNameMacro)
        unit.facts.module = unit.intern(value.trim('"'));
    }
  }

  void visitTopLevel(UnitBuilder &unit, const Decl *declaration) {
    if (const auto *function = llvm::dyn_cast<FunctionDecl>(declaration)) {
      if (function->doesThisDeclarationHaveABody())
        unit.wantBody(function);
    } else if (const auto *variable = llvm::dyn_cast<VarDecl>(declaration)) {
      if (const Expr *initializer = variable->getInit()) {
        std::vector<facts::FieldStep> fields;
        addInitializer(unit, variable, fields, initializer);
      }
    }
  }

  void addInitializer(UnitBuilder &unit, const VarDecl *object, std::vector<facts::FieldStep> &fields,
                      const Expr *initializer) {
    initializer = initializer->IgnoreParenCasts();
    if (const auto *literal = llvm::dyn_cast<CompoundLiteralExpr>(initializer))
      initializer = literal->getInitializer()->IgnoreParenCasts();
    if (const auto *constant = llvm::dyn_cast<ConstantExpr>(initializer))
      initializer = constant->getSubExpr()->IgnoreParenCasts();
    if (const auto *list = llvm::dyn_cast<InitListExpr>(initializer))
      return addInitializerList(unit, object, fields, list);
    facts::Value value;
    if (const auto *choice = llvm::dyn_cast<ChooseExpr>(initializer))
      initializer = choice->getChosenSubExpr()->IgnoreParenCasts();
    if (const auto *conditional = llvm::dyn_cast<ConditionalOperator>(initializer)) {
      // IS_ENABLED(X) ? f : NULL and the like: the side that the compiler would take.
      bool isTrue = false;
      if (conditional->getCond()->EvaluateAsBooleanCondition(isTrue, unit.context))
        return addInitializer(unit, object, fields, isTrue ? conditional->getTrueExpr() : conditional->getFalseExpr());
    }
    if (const auto *unary = llvm::dyn_cast<UnaryOperator>(initializer); unary && unary->getOpcode() == UO_AddrOf)
      initializer = unary->getSubExpr()->IgnoreParenCasts();
    if (const auto *member = llvm::dyn_cast<MemberExpr>(initializer)) {
      // &object.part stands for the object: multi-layer types ask which object, not which part.
      while (member) {
        initializer = member->getBase()->IgnoreParenCasts();
        member = llvm::dyn_cast<MemberExpr>(initializer);
      }
    }
    if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(initializer)) {
      if (const auto *function = llvm::dyn_cast<FunctionDecl>(reference->getDecl())) {
        unit.wantBody(function);
        value = {.kind = facts::ValueKind::Function, .index = unit.symbol(function)};
      } else if (const auto *variable = llvm::dyn_cast<VarDecl>(reference->getDecl())) {
        value = {.kind = facts::ValueKind::Address, .index = unit.symbol(variable)};
      }
    }
    if (value.kind == facts::ValueKind::Opaque) {
      Expr::EvalResult number;
      if (fields.empty() || !initializer->getType()->isIntegralOrEnumerationType() ||
          !initializer->EvaluateAsInt(number, unit.context) || number.Val.getInt() == 0)
        return;
      value = {.kind = facts::ValueKind::Constant,
               .mask = 0,
               .bits = static_cast<std::uint64_t>(number.Val.getInt().getExtValue())};
    }
    facts::Initializer entry;
    entry.object = unit.symbol(object);
    entry.objectRecord = unit.recordOf(object->getType());
    entry.fields = fields;
    entry.value = value;
    entry.location = unit.location(initializer->getExprLoc());
    unit.facts.initializers.push_back(std::move(entry));
  }

  void addInitializerList(UnitBuilder &unit, const VarDecl *object, std::vector<facts::FieldStep> &fields,
                          const InitListExpr *list) {
    if (!list->isSemanticForm() && list->getSemanticForm())
      list = list->getSemanticForm();
    const RecordType *record = list->getType()->getAs<RecordType>();
    if (!record) {
      for (const Expr *element : list->inits())
        if (element)
          addInitializer(unit, object, fields, element);
      return;
    }
    auto addField = [&](const FieldDecl *field, const Expr *value) {
      if (!value || llvm::isa<ImplicitValueInitExpr>(value))
        return;
      bool isNamed = !field->getName().empty();
      if (isNamed)
        fields.push_back(unit.step(field));
      addInitializer(unit, object, fields, value);
      if (isNamed)
        fields.pop_back();
    };
    if (record->getDecl()->isUnion()) {
      if (const FieldDecl *field = list->getInitializedFieldInUnion(); field && list->getNumInits() > 0)
        addField(field, list->getInit(0));
      return;
    }
    unsigned index = 0;
    for (const FieldDecl *field : record->getDecl()->fields()) {
      if (field->isUnnamedBitField())
        continue;
      if (index >= list->getNumInits())
        break;
      addField(field, list->getInit(index++));
    }
  }

  void listInputs(UnitBuilder &unit) {
    for (auto entry = unit.sources.fileinfo_begin(); entry != unit.sources.fileinfo_end(); ++entry)
      result.inputs.push_back(relativePath(entry->first.getName(), request.directory, ""));
  }

  CompilerInstance &compiler;
  const ExtractRequest &request;
  ExtractResult &result;
  SuppressionComments &comments;
};

class FactsAction : public ASTFrontendAction {
public:
  FactsAction(const ExtractRequest &request, ExtractResult &result) : request(request), result(result) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &compiler, llvm::StringRef) override {
    compiler.getPreprocessor().addCommentHandler(&comments);
    return std::make_unique<FactsConsumer>(compiler, request, result, comments);
  }

private:
  const ExtractRequest &request;
  ExtractResult &result;
  SuppressionComments comments;
};

/// Evaluates `static const unsigned long long <prefix><n> = (X);` declarations of the query unit.
class ConstantsAction : public ASTFrontendAction {
public:
  explicit ConstantsAction(llvm::StringMap<std::uint64_t> &values) : values(values) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &, llvm::StringRef) override {
    struct Consumer : ASTConsumer {
      explicit Consumer(llvm::StringMap<std::uint64_t> &values) : values(values) {}
      void HandleTranslationUnit(ASTContext &context) override {
        for (const Decl *declaration : context.getTranslationUnitDecl()->noload_decls()) {
          const auto *variable = llvm::dyn_cast<VarDecl>(declaration);
          if (!variable || !variable->getInit() || variable->isInvalidDecl() || !variable->getDeclName() ||
              variable->getInit()->containsErrors())
            continue;
          Expr::EvalResult result;
          if (variable->getName().starts_with("bhlint_constant_") &&
              variable->getInit()->EvaluateAsInt(result, context))
            values[variable->getName()] = result.Val.getInt().getExtValue();
        }
      }
      llvm::StringMap<std::uint64_t> &values;
    };
    return std::make_unique<Consumer>(values);
  }

private:
  llvm::StringMap<std::uint64_t> &values;
};

} // namespace

namespace {

/// Watches what the unit does with macros, to tell whether the prelude showed it something that it should not see: a
/// macro that is tested or used, and that only a header defines which the unit does not include; or a header that
/// looked at a macro before the unit changed it, and would have been read after.
class ExactnessCheck : public PPCallbacks {
public:
  ExactnessCheck(const Prelude &prelude, const Preprocessor &preprocessor, ExtractResult &result, bool &isExact)
      : prelude(prelude), preprocessor(preprocessor), sources(preprocessor.getSourceManager()), result(result),
        isExact(isExact) {}

  void InclusionDirective(SourceLocation, const Token &, llvm::StringRef, bool, CharSourceRange,
                          OptionalFileEntryRef file, llvm::StringRef, llvm::StringRef, const Module *, bool,
                          SrcMgr::CharacteristicKind) override {
    if (file)
      reach(file->getName());
  }
  void MacroDefined(const Token &name, const MacroDirective *directive) override {
    // Asked at the end, when the names in it are known.
    if (prelude.decorators.contains(name.getIdentifierInfo()->getName()))
      decorators.emplace_back(directive->getMacroInfo(), name);
    else
      changed(name);
  }
  void MacroUndefined(const Token &name, const MacroDefinition &, const MacroDirective *) override {
    // A decorator that is undefined is defined again before a header expands it, or the header gives it the default.
    if (!prelude.decorators.contains(name.getIdentifierInfo()->getName()))
      changed(name);
  }
  void Ifdef(SourceLocation, const Token &name, const MacroDefinition &macro) override { tested(name, macro); }
  void Ifndef(SourceLocation, const Token &name, const MacroDefinition &macro) override { tested(name, macro); }
  void Defined(const Token &name, const MacroDefinition &macro, SourceRange) override { tested(name, macro); }
  void Elifdef(SourceLocation, const Token &name, const MacroDefinition &macro) override { tested(name, macro); }
  void Elifndef(SourceLocation, const Token &name, const MacroDefinition &macro) override { tested(name, macro); }
  void MacroExpands(const Token &name, const MacroDefinition &macro, SourceRange, const MacroArgs *) override {
    used(name, macro);
  }

  void EndOfMainFile() override {
    for (const auto &[macro, name] : decorators)
      if (!isFormatDecorator(*macro, preprocessor))
        changedAt(name, 0);
    for (const std::string &header : testedHeaders)
      if (!reached.contains(header))
        isExact = false;
    for (const auto &[header, macro, when] : changedBefore)
      if (auto entry = reached.find(header);
          entry != reached.end() && entry->second >= when && !testedAgain[header].contains(macro))
        isExact = false;
    for (const auto &header : reached)
      result.inputs.push_back(header.getKey().str());
  }

private:
  /// Notes the header and, of the prelude's, those that it includes, with the order in which that happened.
  void reach(llvm::StringRef header) {
    std::vector<llvm::StringRef> open{header};
    while (!open.empty()) {
      llvm::StringRef next = open.back();
      open.pop_back();
      if (!reached.try_emplace(next, now).second)
        continue;
      if (auto entry = prelude.includes.find(next); entry != prelude.includes.end())
        open.insert(open.end(), entry->second.begin(), entry->second.end());
    }
    ++now;
  }
  bool isCommandLine(const Token &name) const {
    return sources.isWrittenInBuiltinFile(name.getLocation()) || sources.isWrittenInCommandLineFile(name.getLocation());
  }
  void changed(const Token &name) { changedAt(name, now); }
  void changedAt(const Token &name, unsigned when) {
    if (isCommandLine(name))
      return;
    if (auto entry = prelude.testers.find(name.getIdentifierInfo()->getName()); entry != prelude.testers.end())
      for (const std::string &header : entry->second)
        changedBefore.push_back({header, name.getIdentifierInfo()->getName(), when});
  }
  void tested(const Token &name, const MacroDefinition &macro) {
    used(name, macro);
    // A header without an include guard (trace/define_trace.h) is read again, and looks at what the macro is now.
    if (OptionalFileEntryRef file = sources.getFileEntryRefForID(sources.getFileID(name.getLocation())))
      testedAgain[file->getName()].insert(name.getIdentifierInfo()->getName());
  }
  void used(const Token &name, const MacroDefinition &macro) {
    // What the unit defined itself it would have defined so without the prelude, too.
    if (!macro.getMacroInfo() || !sources.isLoadedSourceLocation(macro.getMacroInfo()->getDefinitionLoc()))
      return;
    if (!looked.insert(name.getIdentifierInfo()).second)
      return;
    auto entry = prelude.macroFiles.find(name.getIdentifierInfo()->getName());
    if (entry != prelude.macroFiles.end())
      testedHeaders.push_back(entry->second);
  }

  const Prelude &prelude;
  const Preprocessor &preprocessor;
  const SourceManager &sources;
  ExtractResult &result;
  bool &isExact;
  std::vector<std::pair<const MacroInfo *, Token>> decorators;
  unsigned now = 0;                  ///< number of the next include
  llvm::StringMap<unsigned> reached; ///< header -> number of the include that led to it
  struct Change {
    llvm::StringRef header; ///< of the prelude, looked at `macro`
    llvm::StringRef macro;
    unsigned when; ///< number of the first include after the change
  };
  std::vector<Change> changedBefore;
  llvm::StringMap<llvm::StringSet<>> testedAgain; ///< header -> macros that it tested in this parse
  std::vector<std::string> testedHeaders;
  llvm::DenseSet<const IdentifierInfo *> looked;
};

class PreludeFactsAction : public FactsAction {
public:
  PreludeFactsAction(const ExtractRequest &request, const Prelude &prelude, ExtractResult &result, bool &isExact)
      : FactsAction(request, result), prelude(prelude), result(result), isExact(isExact) {}
  bool BeginSourceFileAction(CompilerInstance &compiler) override {
    compiler.getPreprocessor().addPPCallbacks(
        std::make_unique<ExactnessCheck>(prelude, compiler.getPreprocessor(), result, isExact));
    return true;
  }

private:
  const Prelude &prelude;
  ExtractResult &result;
  bool &isExact;
};

void tidyInputs(std::vector<std::string> &inputs, llvm::StringRef directory) {
  for (std::string &input : inputs)
    input = relativePath(input, directory, "");
  std::sort(inputs.begin(), inputs.end());
  inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
}

constexpr llvm::StringLiteral unitMacrosFile = "bhlint-unit-macros.h";

/// The command's macros as a header: a precompiled header insists on the -D that it was built with.
std::string unitMacros(const ExtractRequest &request, const Prelude &prelude) {
  std::string text;
  auto isOfPrelude = [&](const std::string &argument) {
    return std::find(prelude.macros.begin(), prelude.macros.end(), argument) != prelude.macros.end();
  };
  auto nameOf = [](llvm::StringRef argument) { return argument.drop_front(2).split('=').first; };
  for (const std::string &argument : prelude.macros)
    if (argument[1] == 'D' &&
        std::find(request.arguments.begin(), request.arguments.end(), argument) == request.arguments.end())
      text += "#undef " + nameOf(argument).str() + "\n";
  for (const std::string &argument : request.arguments) {
    bool isDefine = llvm::StringRef(argument).starts_with("-D"), isUndef = llvm::StringRef(argument).starts_with("-U");
    if ((!isDefine && !isUndef) || isOfPrelude(argument))
      continue;
    text += "#undef " + nameOf(argument).str() + "\n";
    if (isDefine) {
      auto [name, value] = llvm::StringRef(argument).drop_front(2).split('=');
      text += "#define " + name.str() + " " + (llvm::StringRef(argument).contains('=') ? value.str() : "1") + "\n";
    }
  }
  return text;
}

std::optional<ExtractResult> extractWithPrelude(const ExtractRequest &request, const Prelude &prelude,
                                                llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  ExtractRequest adapted = request;
  std::erase_if(adapted.arguments, [](const std::string &argument) {
    return llvm::StringRef(argument).starts_with("-D") || llvm::StringRef(argument).starts_with("-U");
  });
  adapted.arguments.insert(adapted.arguments.end(), prelude.macros.begin(), prelude.macros.end());
  ErrorRecorder errors;
  std::unique_ptr<CompilerInstance> compiler = makeCompiler(adapted, errors, std::move(fileSystem));
  if (!compiler)
    return std::nullopt;
  PreprocessorOptions &options = compiler->getPreprocessorOpts();
  options.ImplicitPCHInclude = prelude.pch;
  options.DisablePCHOrModuleValidation = DisableValidationForModuleKind::PCH;
  std::string macros = unitMacros(request, prelude);
  llvm::SmallString<256> path(request.directory);
  llvm::sys::path::append(path, unitMacrosFile);
  options.Includes.push_back(path.str().str());
  options.addRemappedFile(path, llvm::MemoryBuffer::getMemBufferCopy(macros, path).release());
  ExtractResult result;
  bool isExact = true;
  PreludeFactsAction action(request, prelude, result, isExact);
  compiler->ExecuteAction(action);
  if (errors.getNumErrors() != 0 || !isExact)
    return std::nullopt;
  result.usedPrelude = true;
  std::string folder = llvm::sys::path::parent_path(prelude.pch).str();
  std::erase_if(result.inputs, [&](const std::string &input) {
    return llvm::StringRef(input).starts_with(folder) || llvm::StringRef(input).ends_with(unitMacrosFile);
  });
  tidyInputs(result.inputs, request.directory);
  return result;
}

} // namespace

ExtractResult extractUnit(const ExtractRequest &request, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  if (request.prelude)
    if (std::optional<ExtractResult> result = extractWithPrelude(request, *request.prelude, fileSystem))
      return std::move(*result);
  if (request.prelude && request.smallerPrelude)
    if (std::shared_ptr<const Prelude> smaller = request.smallerPrelude())
      if (std::optional<ExtractResult> result = extractWithPrelude(request, *smaller, fileSystem))
        return std::move(*result);
  ExtractResult result;
  ErrorRecorder errors;
  std::unique_ptr<CompilerInstance> compiler = makeCompiler(request, errors, std::move(fileSystem));
  if (compiler) {
    FactsAction action(request, result);
    compiler->ExecuteAction(action);
  }
  tidyInputs(result.inputs, request.directory);
  result.errors = errors.getNumErrors() + (compiler ? 0 : 1);
  result.firstError = errors.first;
  return result;
}

std::vector<std::pair<std::string, std::uint64_t>>
extractConstants(const ExtractRequest &request, const std::vector<ConstantQuery> &queries,
                 llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  std::string text;
  llvm::StringSet<> headers;
  for (const ConstantQuery &query : queries)
    if (headers.insert(query.header).second)
      text += "#if __has_include(<" + query.header + ">)\n#include <" + query.header + ">\n#endif\n";
  for (std::size_t i = 0; i < queries.size(); ++i)
    text += "static const unsigned long long bhlint_constant_" + std::to_string(i) + " = (unsigned long long)(" +
            queries[i].name + ");\n";
  llvm::SmallString<256> path(request.directory);
  llvm::sys::path::append(path, "bhlint-constants.c");
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(fileSystem);
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text));
  overlay->pushOverlay(memory);

  ExtractRequest query = request;
  query.file = path.str().str();
  ErrorRecorder errors;
  llvm::StringMap<std::uint64_t> values;
  if (std::unique_ptr<CompilerInstance> compiler = makeCompiler(query, errors, overlay)) {
    compiler->getDiagnosticOpts().ErrorLimit = 0; // constants that this kernel lacks are errors, and fine
    compiler->getDiagnostics().setErrorLimit(0);
    ConstantsAction action(values);
    compiler->ExecuteAction(action);
  }
  std::vector<std::pair<std::string, std::uint64_t>> result;
  for (std::size_t i = 0; i < queries.size(); ++i)
    if (auto found = values.find("bhlint_constant_" + std::to_string(i)); found != values.end())
      result.emplace_back(queries[i].name, found->second);
  return result;
}

} // namespace bhlint
