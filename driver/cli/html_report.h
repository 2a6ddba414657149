// `--format html`: a run's findings with what their pages show beyond them: source, contexts, the replay's timeline.
#pragma once

#include "driver/cli/findings_run.h"

namespace bhlint {

void writeHtmlReport(const FindingsRun &result, llvm::raw_ostream &out);

} // namespace bhlint
