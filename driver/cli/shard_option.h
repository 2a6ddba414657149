// --shard: which share of the units this process takes, as said on the command line or by what has started it.
#pragma once

#include "analysis/shard/assign.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace bhlint {

/// Looks a variable up; std::nullopt: it is not set.
using Environment = llvm::function_ref<std::optional<std::string>(const char *)>;

/// "3/10", or "auto": what the variables of Slurm (job arrays), Kubernetes (indexed jobs, with BHLINT_SHARDS for the
/// number of them) or GitLab (parallel) say. Empty: all units.
llvm::Expected<ShardNumber> parseShard(llvm::StringRef text, Environment environment);

} // namespace bhlint
