#include "runtime-model/data.h"

// The assembler includes the files as they are; no build step, no escaping, no copy.
#define BHLINT_EMBED(NAME, FILE)                                                                                       \
  asm(".pushsection .rodata\n"                                                                                         \
      ".balign 1\n"                                                                                                    \
      "bhlint_model_" #NAME "_begin:\n"                                                                                \
      ".incbin \"" BHLINT_MODEL_DIR "/" FILE "\"\n"                                                                    \
      "bhlint_model_" #NAME "_end:\n"                                                                                  \
      ".popsection\n");                                                                                                \
  extern "C" __attribute__((visibility("hidden"))) const char bhlint_model_##NAME##_begin[];                           \
  extern "C" __attribute__((visibility("hidden"))) const char bhlint_model_##NAME##_end[];                             \
  llvm::StringRef bhlint::model::NAME() {                                                                              \
    return {bhlint_model_##NAME##_begin,                                                                               \
            static_cast<std::size_t>(bhlint_model_##NAME##_end - bhlint_model_##NAME##_begin)};                        \
  }

BHLINT_EMBED(functionsYaml, "data/functions.yaml")
BHLINT_EMBED(operationsYaml, "data/operations.yaml")
BHLINT_EMBED(contextsYaml, "data/contexts.yaml")
BHLINT_EMBED(claimsYaml, "data/claims.yaml")
BHLINT_EMBED(tracesYaml, "data/traces.yaml")
BHLINT_EMBED(migrationsYaml, "data/migrations.yaml")
BHLINT_EMBED(kernelMatrixTsv, "kernel/matrix.tsv")
BHLINT_EMBED(kernelContextsTsv, "kernel/contexts.tsv")
BHLINT_EMBED(kernelTracesTxt, "kernel/traces.txt")
