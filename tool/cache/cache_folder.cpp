#include "tool/cache/cache_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "tool/cache/entry_frame.h"

namespace deadheat {
namespace {

/// Entries in use are marked as such no more often than this, in seconds.
constexpr std::time_t kTouchEvery = 3600;

/// The entry was of use: `cache gc` takes those first that were not for longest.
void touch(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) == 0 && std::time(nullptr) - status.st_mtime > kTouchEvery)
    utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
}

/// A name in `folder` that no other process or call uses.
std::string freshName(const std::string& folder) {
  static std::atomic<unsigned> count = 0;
  return folder + "/" + std::to_string(getpid()) + "." + std::to_string(std::time(nullptr)) + "." +
         std::to_string(count++);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

const char* nameOf(CacheFolder::Kind kind) {
  switch (kind) {
    case CacheFolder::Kind::Units:
      return "units";
    case CacheFolder::Kind::Facts:
      return "facts";
    case CacheFolder::Kind::Findings:
      return "findings";
  }
  return "";
}

std::string cachePath(const std::string& given) {
  if (!given.empty()) return given;
  if (std::string own = environment("DEADHEAT_CACHE"); !own.empty()) return own;
  if (std::string base = environment("XDG_CACHE_HOME"); llvm::sys::path::is_absolute(base)) return base + "/deadheat";
  std::string home = environment("HOME");
  return home.empty() ? home : home + "/.cache/deadheat";
}

std::string entryName(const Digest& digest) {
  std::string text = digest.text();
  return text.substr(0, 2) + "/" + text.substr(2);
}

llvm::Expected<CacheFolder> CacheFolder::open(std::string path) {
  CacheFolder folder(std::move(path));
  if (auto code = llvm::sys::fs::create_directories(folder.temporaryPath()))
    return llvm::createStringError("cannot make the folder " + folder.path_ + ": " + code.message());
  if (auto code = llvm::sys::fs::access(folder.temporaryPath(), llvm::sys::fs::AccessMode::Write))
    return llvm::createStringError("cannot write to " + folder.path_ + ": " + code.message());
  return folder;
}

std::string CacheFolder::pathOf(Kind kind) const { return path_ + "/" + nameOf(kind); }

std::string CacheFolder::fileOf(Kind kind, const std::string& name) const { return pathOf(kind) + "/" + name; }

std::optional<std::string> CacheFolder::read(Kind kind, const std::string& name) const {
  const std::string file = fileOf(kind, name);
  auto buffer = llvm::MemoryBuffer::getFile(file, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return std::nullopt;
  auto bytes = unwrapEntry((*buffer)->getBuffer());
  bytes ? touch(file) : remove(kind, name);
  return bytes;
}

bool CacheFolder::contains(Kind kind, const std::string& name) const {
  return llvm::sys::fs::exists(fileOf(kind, name));
}

llvm::Error CacheFolder::write(Kind kind, const std::string& name, llvm::StringRef bytes) const {
  const std::string file = fileOf(kind, name);
  const std::string temporary = freshName(temporaryPath());
  auto failed = [&](std::error_code code) {
    llvm::sys::fs::remove(temporary);
    return llvm::createStringError("cannot write " + file + ": " + code.message());
  };
  if (auto code = llvm::sys::fs::create_directories(llvm::sys::path::parent_path(file))) return failed(code);
  std::error_code code;
  llvm::raw_fd_ostream out(temporary, code);
  if (code) return failed(code);
  out << wrapEntry(bytes);
  out.close();
  code = out.error();
  out.clear_error();
  if (code) return failed(code);
  if ((code = llvm::sys::fs::rename(temporary, file))) return failed(code);
  return llvm::Error::success();
}

void CacheFolder::remove(Kind kind, const std::string& name) const { llvm::sys::fs::remove(fileOf(kind, name)); }

std::vector<std::string> CacheFolder::below(Kind kind, const std::string& name) const {
  std::vector<std::pair<llvm::sys::TimePoint<>, std::string>> found;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator each(fileOf(kind, name), code), end; !code && each != end;
       each.increment(code)) {
    auto status = each->status();
    if (status) found.emplace_back(status->getLastModificationTime(), llvm::sys::path::filename(each->path()).str());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> names;
  for (auto& [time, file] : found) names.push_back(name + "/" + file);
  return names;
}

}  // namespace deadheat
