// The linker's build ID: tells two builds of this program apart, whatever has changed between them.
#pragma once

#include <string>

namespace bhlint {

/// Bytes, not text; empty when the program was linked without one.
std::string buildId();

/// Those of the shared libraries at hand, one after the other.
std::string libraryBuildIds();

} // namespace bhlint
