// Which memory is the runtime's own, for who looks through the program's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace deadheat::rt {

/// Runs `visit(begin, end, data)` on the parts of [begin, end) that mapPages did not give out. False, and none, if that
/// is not known. Cost: the mappings for each part.
bool forEachForeignPart(std::uintptr_t begin, std::uintptr_t end, void (*visit)(std::uintptr_t, std::uintptr_t, void*),
                        void* data);

}  // namespace deadheat::rt
