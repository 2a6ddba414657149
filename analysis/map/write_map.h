// Maps as text, as drawings for Graphviz (dot) and for what renders Mermaid in Markdown, and as one HTML file.
//
// All say the same, in the words of map_text.h. Names from the tree are escaped for each format.
#pragma once

#include "analysis/map/driver_map.h"

#include "llvm/Support/raw_ostream.h"

namespace bhlint {

void writeMapText(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out);
void writeMapDot(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out);
void writeMapMermaid(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out);
void writeMapHtml(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out);

} // namespace bhlint
