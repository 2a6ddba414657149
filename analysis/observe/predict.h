// What the static analysis says of what a trace shows: each observed (function, context) was predicted, or is a gap in
// the analysis, of the rules or of the units that it has seen.
#pragma once

#include "analysis/observe/observation.h"
#include "analysis/program/contexts.h"

namespace bhlint {

enum class Prediction : std::uint8_t {
  None,        ///< the trace names no function
  NotAnalysed, ///< no unit at hand defines it
  Predicted,
  Missed
};

struct PredictedHandler {
  Prediction prediction = Prediction::None;
  std::vector<Context> contexts; ///< in which the analysis says that it may run
  Place place;                   ///< where it is defined
};

/// One for each of `observation.handlers`.
std::vector<PredictedHandler> predict(const Observation &observation, const Program &program,
                                      const ContextMap &contexts);

std::string_view predictionName(Prediction prediction);

} // namespace bhlint
