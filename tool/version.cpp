#include "tool/version.h"

namespace deadheat {

std::string_view version() { return DEADHEAT_VERSION; }

}  // namespace deadheat
