// Line hash: the fingerprint GitHub code scanning matches alerts by (`primaryLocationLineHash`). It computes the same
// itself for results without one, but only where it has the sources; so that both agree we follow its definition.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace deadheat {

/// For every line of `text` (the empty one after a final newline included) `hash:n`: the hash covers the 100 UTF-16
/// code units from the line's first one, spaces and tabs left out, all line ends taken as LF; `n` counts the lines with
/// the same hash so far. Linear in the text.
std::vector<std::string> lineHashes(std::string_view text);

}  // namespace deadheat
