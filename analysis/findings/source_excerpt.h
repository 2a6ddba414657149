// The source around the steps of a chain, for people who follow it without the tree at hand.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/findings/suppress.h"

#include <string>
#include <vector>

namespace bhlint {

/// Consecutive steps of one function that lie near to each other.
struct SourceExcerpt {
  std::string file;
  std::string function;
  unsigned firstLine = 0;
  std::vector<std::string> lines; ///< tabs expanded, invisible characters made visible; empty: no source at hand
  std::vector<std::size_t> steps; ///< of the chain, in its order
};

std::vector<SourceExcerpt> excerptsOf(const std::vector<ChainStep> &chain, SourceReader read);

} // namespace bhlint
