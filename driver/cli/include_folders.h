// The folders in which a unit's headers are looked for, and where a header would have to appear to be found before
// one that the unit has read.
#pragma once

#include "analysis/cache/input_digests.h"
#include "analysis/extract/extract.h"

#include <string>
#include <vector>

namespace bhlint {

/// What the command names with -I, -isystem and their like, in its order; absolute, without dots.
std::vector<std::string> includeFolders(const ExtractRequest &request);

/// Paths of files and folders that do not exist, and whose appearance could give the unit other contents: a header of
/// the name of one of `inputs` in a folder that is searched before the one in which it was found. Sorted.
///
/// Errs by leaving out: of a quoted include only the main file's folder counts, not that of each header; and nothing
/// is said of __has_include.
std::vector<std::string> absentBefore(const ExtractRequest &request, const std::vector<std::string> &inputs,
                                      InputDigests &digests);

} // namespace bhlint
