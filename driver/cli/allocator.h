// What is asked of the allocator, if this build has one of its own.
#pragma once

namespace bhlint {

/// From now on memory that is freed stays with the process: the next stage needs as much. For commands that end soon
/// after.
void keepFreedMemory();

} // namespace bhlint
