// Which C library a translation unit is compiled against, as far as its headers and target say.
#pragma once

#include "analyzers/models/hazards.h"
#include "clang/Sema/Sema.h"

namespace deadheat {

/// `glibc 2.36`; version 0.0 where no header tells it. Asks the preprocessor, so after parsing.
Libc libcOf(clang::Sema& sema);

}  // namespace deadheat
