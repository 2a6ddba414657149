#include "runtime-model/data.h"

#include "analysis/embedded_file.h"

namespace bhlint::model {

BHLINT_EMBED(functionsYaml, BHLINT_MODEL_DIR "/data/functions.yaml")
BHLINT_EMBED(operationsYaml, BHLINT_MODEL_DIR "/data/operations.yaml")
BHLINT_EMBED(contextsYaml, BHLINT_MODEL_DIR "/data/contexts.yaml")
BHLINT_EMBED(claimsYaml, BHLINT_MODEL_DIR "/data/claims.yaml")
BHLINT_EMBED(tracesYaml, BHLINT_MODEL_DIR "/data/traces.yaml")
BHLINT_EMBED(migrationsYaml, BHLINT_MODEL_DIR "/data/migrations.yaml")
BHLINT_EMBED(kernelMatrixTsv, BHLINT_MODEL_DIR "/kernel/matrix.tsv")
BHLINT_EMBED(kernelContextsTsv, BHLINT_MODEL_DIR "/kernel/contexts.tsv")
BHLINT_EMBED(kernelTracesTxt, BHLINT_MODEL_DIR "/kernel/traces.txt")

} // namespace bhlint::model
