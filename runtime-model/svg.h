// Drawings: a timeline with one lane per CPU, and distributions as curves. Plain SVG, text escaped, no scripts.
#pragma once

#include "runtime-model/mechanism.h"

#include <string>
#include <vector>

namespace bhlint::model {

std::string timelineSvg(const System &system, const std::vector<Event> &events, const std::string &title);

/// Cumulative distribution: `samples` in microseconds, sorted.
struct Curve {
  std::string name;
  std::vector<double> samples;
};
std::string curvesSvg(const std::vector<Curve> &curves, const std::string &title);

} // namespace bhlint::model
