// Words that people mistype: the valid one that is nearest.
#pragma once

#include <string>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace deadheat {

/// The word nearest to `text` in letters to change, whatever their case; empty if none is near.
std::string nearestWord(llvm::StringRef text, llvm::ArrayRef<llvm::StringRef> words);

/// ` (did you mean 'word'?)`, or all words if there are few and none is near, or nothing.
std::string suggestion(llvm::StringRef text, llvm::ArrayRef<llvm::StringRef> words);

}  // namespace deadheat
