#include "tool/cache/store.h"

#include "llvm/Support/FileSystem.h"

namespace deadheat {

struct Store::TemporaryFolder {
  std::string path;
};

void Store::Remove::operator()(TemporaryFolder* folder) const {
  llvm::sys::fs::remove_directories(folder->path);
  delete folder;
}

Store::Store(CacheFolder folder, std::unique_ptr<TemporaryFolder, Remove> temporary)
    : temporary_(std::move(temporary)), folder_(std::move(folder)) {}

llvm::Expected<Store> Store::open(const std::string& path, const Console& console) {
  if (!path.empty()) {
    auto folder = CacheFolder::open(path);
    if (folder) return Store(std::move(*folder), nullptr);
    console.warning("no cache: " + llvm::toString(folder.takeError()));
  }
  llvm::SmallString<128> own;
  if (auto code = llvm::sys::fs::createUniqueDirectory("deadheat-facts", own))
    return llvm::createStringError("cannot make a temporary folder: " + code.message());
  std::unique_ptr<TemporaryFolder, Remove> temporary(new TemporaryFolder{std::string(own)});
  auto folder = CacheFolder::open(temporary->path);
  if (!folder) return folder.takeError();
  return Store(std::move(*folder), std::move(temporary));
}

}  // namespace deadheat
