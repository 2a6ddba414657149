// Fields that several kinds of rows share: contexts, provenance, C names. Used by the compile_*.cpp only.
#pragma once

#include "analysis/ruleset/compile.h"
#include "analysis/ruleset/record_reader.h"

namespace bhlint {

/// A context's name, required.
Context readContext(RecordReader &record, llvm::StringRef key);
/// Contexts and names of groups; sorted, each once.
std::vector<Context> readContexts(RecordReader &record, llvm::StringRef key, const ContextGroups &groups);
/// `evidence` (required), `confidence`, `since`, `until`.
Provenance readProvenance(RecordReader &record);
/// `since` and `until`.
KernelRange readKernelRange(RecordReader &record);
/// A C identifier, required.
std::string readIdentifier(RecordReader &record, llvm::StringRef key);
std::string readOptionalIdentifier(RecordReader &record, llvm::StringRef key);
/// A list of C identifiers.
std::vector<SourceText> readIdentifiers(RecordReader &record, llvm::StringRef key);
std::vector<SourceText> readOptionalIdentifiers(RecordReader &record, llvm::StringRef key);
/// `provenance` for the row's item that stands at `text`.
Provenance provenanceAt(const Provenance &provenance, const SourceText &text);
std::vector<std::string> plainTexts(const std::vector<SourceText> &texts);
std::span<const NamedValue<SleepKind>> sleepKindNames();

/// Highest argument index that a row may name; the analysis keeps argument sets in 32 bits.
inline constexpr int maxArgument = 31;

} // namespace bhlint
