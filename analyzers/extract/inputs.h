// Inputs: what of the file system went into one extraction, so that a later one can be known to give the same.
//
// Everything that the front end asked is an input, also what was not there: a header that appears in a folder searched
// earlier changes the result as an edit does.
#pragma once

#include <string>
#include <vector>

#include "analyzers/facts/digest.h"

namespace deadheat {

/// One thing that was asked of the file system, and the answer.
struct Input {
  enum class Kind : std::uint8_t {
    Absent,   ///< There is nothing of this name, or it cannot be read.
    Folder,   ///< It is a folder.
    Present,  ///< It is a file; what it holds did not matter.
    Content,  ///< A file was read; `digest` is of its text.
    Listing,  ///< A folder was listed; `digest` is of the names in it.
  };
  std::string path;  ///< Absolute, perhaps with dot segments.
  Kind kind = Kind::Absent;
  Digest digest;
  auto operator<=>(const Input&) const = default;
};

}  // namespace deadheat
