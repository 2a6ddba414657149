#include "analysis/observe/predict.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

/// Several static functions may have the name; which one it was, the trace doesn't say.
PredictedHandler predictOne(const ObservedHandler &handler, const Program &program, const ContextMap &contexts) {
  PredictedHandler result;
  if (!handler.isFunction)
    return result;
  result.prediction = Prediction::NotAnalysed;
  unsigned mask = 0;
  for (FunctionId id : program.named(handler.name)) {
    if (!program.bodyOf(id))
      continue;
    if (result.prediction == Prediction::NotAnalysed)
      result.place = program.functions[id].place;
    result.prediction = Prediction::Missed;
    mask |= contexts.ambient[id];
  }
  for (unsigned i = 0; i < contextCount; ++i)
    if (mask & (1u << i))
      result.contexts.push_back(static_cast<Context>(i));

  const TraceSpan &span = *handler.span;
  auto isPredicted = [&](Context context) {
    return context == handler.context ||
           (handler.context == span.context && llvm::is_contained(span.sameAs, context)) ||
           (!handler.isContextCertain && context == span.inSoftirq);
  };
  if (llvm::any_of(result.contexts, isPredicted))
    result.prediction = Prediction::Predicted;
  return result;
}

} // namespace

std::vector<PredictedHandler> predict(const Observation &observation, const Program &program,
                                      const ContextMap &contexts) {
  std::vector<PredictedHandler> predictions;
  for (const ObservedHandler &handler : observation.handlers)
    predictions.push_back(predictOne(handler, program, contexts));
  return predictions;
}

std::string_view predictionName(Prediction prediction) {
  constexpr std::string_view names[] = {"none", "not analysed", "predicted", "missed"};
  return names[static_cast<unsigned>(prediction)];
}

} // namespace bhlint
