// Writes: which fields and globals anybody changes once their object is made.
//
// Configuration that constructors set and everybody reads is most of what a program touches; a read of memory that
// nobody writes cannot race, and leaving it out early keeps summaries small.
#pragma once

#include <string>
#include <unordered_set>

#include "analyzers/link/body.h"
#include "llvm/ADT/DenseSet.h"

namespace deadheat {

/// Fields (whatever the object) and globals that are written, freed, or have their address handed out.
class WrittenMemory {
 public:
  /// Linear in the number of events.
  WrittenMemory(const Bodies& bodies, const Tables& tables);

  /// Whether the memory at `path`, or an object it is part of, may be written after construction. True for memory that
  /// has no name of its own, such as the pointee of a plain pointer.
  bool mayChange(PathId path) const;

  /// The path goes through a pointer in a constant that nothing was ever stored in: null, and so no memory.
  bool leadsNowhere(PathId path) const;

 private:
  void note(PathId path);
  void noteWhole(std::string type);
  void noteWholes(PathId path);
  bool isWrittenInPart(PathId path) const;
  std::string typeOf(PathId cell, const Body& body, int hops) const;
  bool isWrittenWhole(Symbol record) const;
  void scan(const Body& body);
  const Bodies& bodies_;
  const Tables& tables_;
  llvm::DenseSet<PathId> bound_;  ///< Global variables in which pointers were stored.
  llvm::DenseSet<std::pair<std::uint32_t, std::uint32_t>> fields_;  ///< Record and name.
  llvm::DenseSet<PathId> roots_;
  llvm::DenseSet<std::pair<std::uint32_t, std::uint32_t>> partlyFields_;  ///< Some member of theirs is written.
  llvm::DenseSet<PathId> partlyRoots_;
  std::unordered_set<std::string> wholes_;  ///< Types of objects that are assigned or freed as a whole.
};

}  // namespace deadheat
