#include "analysis/extract/unit_builder.h"
#include "analysis/extract/macros.h"

#include "llvm/Support/Path.h"

namespace bhlint {

using namespace clang;

std::string relativePath(llvm::StringRef path, llvm::StringRef directory, llvm::StringRef root) {
  llvm::SmallString<256> absolute(path);
  if (!llvm::sys::path::is_absolute(absolute)) {
    absolute = directory;
    llvm::sys::path::append(absolute, path);
  }
  llvm::sys::path::remove_dots(absolute, /*remove_dot_dot=*/true);
  llvm::StringRef result = absolute;
  if (!root.empty() && result.starts_with(root) && result.size() > root.size() && result[root.size()] == '/')
    result = result.drop_front(root.size() + 1);
  return result.str();
}

UnitBuilder::UnitBuilder(ASTContext &context, const Preprocessor &preprocessor, llvm::StringRef treeRoot,
                         llvm::StringRef directory)
    : context(context), preprocessor(preprocessor), sources(context.getSourceManager()), treeRoot(treeRoot),
      directory(directory) {
  stringIds[""] = 0;
}

facts::StringId UnitBuilder::intern(llvm::StringRef text) {
  auto [entry, isNew] = stringIds.try_emplace(text, static_cast<facts::StringId>(facts.strings.size()));
  if (isNew)
    facts.strings.push_back(text.str());
  return entry->second;
}

facts::StringId UnitBuilder::fileName(FileID file) {
  auto [entry, isNew] = fileNames.try_emplace(file, 0);
  if (!isNew)
    return entry->second;
  facts::StringId id = 0;
  if (OptionalFileEntryRef ref = sources.getFileEntryRefForID(file))
    id = intern(relativePath(ref->getName(), directory, treeRoot));
  return fileNames[file] = id;
}

facts::Location UnitBuilder::location(SourceLocation location) {
  location = writtenLocation(location, sources);
  if (location.isInvalid())
    return {};
  auto [file, offset] = sources.getDecomposedLoc(location);
  return {fileName(file), sources.getLineNumber(file, offset), sources.getColumnNumber(file, offset)};
}

bool UnitBuilder::isPasted(const NamedDecl *declaration) const {
  SourceLocation location = declaration->getLocation();
  return location.isMacroID() && sources.isWrittenInScratchSpace(sources.getSpellingLoc(location));
}

facts::StringId UnitBuilder::nameOf(const NamedDecl *declaration) {
  llvm::StringRef name = declaration->getName();
  llvm::StringRef stem = name.rtrim("0123456789");
  if (stem.size() == name.size() || !isPasted(declaration))
    return intern(name);
  auto [entry, isNew] = pastedIds.try_emplace(declaration->getCanonicalDecl(), 0);
  if (isNew)
    entry->second = intern(stem.str() + "#" + std::to_string(pastedNames[stem]++));
  return entry->second;
}

facts::SymbolIndex UnitBuilder::symbol(const FunctionDecl *function) {
  function = function->getCanonicalDecl();
  auto [entry, isNew] = symbolIds.try_emplace(function, static_cast<facts::SymbolIndex>(facts.symbols.size()));
  if (!isNew)
    return entry->second;
  facts::SymbolIndex index = entry->second;
  facts.symbols.emplace_back();
  facts::Symbol result;
  result.name = nameOf(function);
  result.isFunction = true;
  result.isNoReturn = function->isNoReturn();
  if (!function->isExternallyVisible() || function->isInlined()) {
    const FunctionDecl *definition = function;
    function->hasBody(definition);
    if (!function->isExternallyVisible() || definition->hasAttr<GNUInlineAttr>())
      result.file = location(definition->getLocation()).file;
  }
  facts.symbols[index] = result;
  return index;
}

facts::SymbolIndex UnitBuilder::symbol(const VarDecl *variable) {
  const VarDecl *canonical = variable->getCanonicalDecl();
  auto [entry, isNew] = symbolIds.try_emplace(canonical, static_cast<facts::SymbolIndex>(facts.symbols.size()));
  if (!isNew)
    return entry->second;
  facts::SymbolIndex index = entry->second;
  facts.symbols.emplace_back();
  facts::Symbol result;
  result.name = nameOf(canonical);
  if (!variable->isExternallyVisible())
    result.file = location(canonical->getLocation()).file;
  facts.symbols[index] = result;
  return index;
}

facts::StringId UnitBuilder::recordName(const RecordDecl *record) {
  record = llvm::cast<RecordDecl>(record->getCanonicalDecl());
  auto [entry, isNew] = recordNames.try_emplace(record, 0);
  if (!isNew)
    return entry->second;
  facts::StringId id = 0;
  if (!record->getName().empty())
    id = intern(record->getName());
  else if (const TypedefNameDecl *alias = record->getTypedefNameForAnonDecl())
    id = intern(alias->getName());
  else if (const auto *outer = llvm::dyn_cast_or_null<RecordDecl>(record->getLexicalDeclContext()))
    id = recordName(outer);
  return recordNames[record] = id;
}

facts::StringId UnitBuilder::recordOf(QualType type) {
  if (type.isNull())
    return 0;
  for (;;) {
    if (const auto *pointer = type->getAs<PointerType>())
      type = pointer->getPointeeType();
    else if (const ArrayType *array = type->getAsArrayTypeUnsafe())
      type = array->getElementType();
    else
      break;
  }
  const RecordType *record = type->getAs<RecordType>();
  return record ? recordName(record->getDecl()) : 0;
}

facts::FieldStep UnitBuilder::step(const FieldDecl *field) {
  return {recordName(field->getParent()), intern(field->getName())};
}

bool UnitBuilder::isOwnCode(SourceLocation location) const {
  location = writtenLocation(location, sources);
  if (sources.isWrittenInMainFile(location))
    return true;
  const OptionalFileEntryRef file = sources.getFileEntryRefForID(sources.getFileID(location));
  return file && file->getName().ends_with(".c");
}

void UnitBuilder::wantBody(const FunctionDecl *function) {
  const FunctionDecl *definition = nullptr;
  if (!function->hasBody(definition) || !definition)
    return;
  if (isWanted.try_emplace(definition->getCanonicalDecl(), true).second)
    wanted.push_back(definition);
}

} // namespace bhlint
