// Source files as the front end sees them: read once for all units that a process extracts, every question noted.
//
// One SourceFiles lives as long as a worker and holds what is on disk; one `view` a unit looks at it from the unit's
// working directory and notes the unit's inputs. A file that changes while a worker runs is seen as it was first read,
// and so are its inputs: facts always belong to the texts that their inputs name.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "analyzers/extract/inputs.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace deadheat {

/// What is on disk, as far as it was asked for. Not thread-safe.
class SourceFiles {
 public:
  explicit SourceFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk);
  ~SourceFiles();

  /// The files as seen from `directory`. The questions are added to `inputs` when the view goes, sorted by path. The
  /// view must not outlive this object or `inputs`.
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> view(const std::string& directory, std::vector<Input>& inputs);

  /// Forgets texts if they are large together; views must be gone.
  void trim();

  /// One name on disk.
  struct Entry {
    std::error_code error;  ///< Set: not there. Otherwise `status` holds.
    llvm::vfs::Status status;
    std::unique_ptr<llvm::MemoryBuffer> text;  ///< Files that were read.
    std::optional<Digest> digest;              ///< Of the text; may be known when the text is not held.
    std::optional<Digest> listing;
  };
  /// `path` is absolute. References stay valid until `trim`.
  Entry& lookUp(llvm::StringRef path);
  /// The same, with the text of a file.
  Entry& read(llvm::StringRef path);
  /// The same, with the digest of a file's text; the text is not kept.
  Entry& hash(llvm::StringRef path);
  /// The same, with the digest of a folder's names.
  Entry& list(llvm::StringRef path);
  llvm::vfs::FileSystem& disk() { return *disk_; }

 private:
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk_;
  llvm::StringMap<Entry> entries_;
  std::size_t textBytes_ = 0;
};

/// Whether the disk gives the answer that `input` noted.
bool stillHolds(const Input& input, SourceFiles& files);

}  // namespace deadheat
