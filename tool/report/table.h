// Plain tables: columns as wide as their widest cell, two spaces between.
#pragma once

#include <string>
#include <vector>

#include "llvm/Support/raw_ostream.h"

namespace deadheat {

/// Every row has as many cells as there are headings.
void writeTable(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows,
                llvm::raw_ostream& out);

}  // namespace deadheat
