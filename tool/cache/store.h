// Where one run keeps its facts: the cache, or a folder of its own that goes with it.
#pragma once

#include <memory>
#include <string>

#include "tool/cache/cache_folder.h"
#include "tool/console/console.h"

namespace deadheat {

class Store {
 public:
  /// The cache at `path`; if that is empty or cannot be used (a warning says why), a temporary folder.
  static llvm::Expected<Store> open(const std::string& path, const Console& console);
  Store(Store&&) = default;
  Store& operator=(Store&&) = default;

  const CacheFolder& folder() const { return folder_; }
  /// Later runs will find what this one keeps.
  bool lasts() const { return temporary_ == nullptr; }

 private:
  /// A folder removed at the end.
  struct TemporaryFolder;
  struct Remove {
    void operator()(TemporaryFolder* folder) const;
  };
  Store(CacheFolder folder, std::unique_ptr<TemporaryFolder, Remove> temporary);

  std::unique_ptr<TemporaryFolder, Remove> temporary_;
  CacheFolder folder_;
};

}  // namespace deadheat
