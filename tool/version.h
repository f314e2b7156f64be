// The tool's version, as CMake's project() states it.
#pragma once

#include <string_view>

namespace deadheat {

/// `0.1.0`.
std::string_view version();

}  // namespace deadheat
