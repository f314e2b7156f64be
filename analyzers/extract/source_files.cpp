#include "analyzers/extract/source_files.h"

#include <algorithm>

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace deadheat {
namespace {

/// Texts held beyond this are forgotten between units.
constexpr std::size_t kMostTextBytes = 48U << 20;

/// A file already read.
class ReadFile : public llvm::vfs::File {
 public:
  ReadFile(llvm::vfs::Status status, const llvm::MemoryBuffer& text) : status_(std::move(status)), text_(text) {}

  llvm::ErrorOr<llvm::vfs::Status> status() override { return status_; }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine& name, std::int64_t, bool,
                                                               bool) override {
    llvm::SmallString<256> storage;
    return llvm::MemoryBuffer::getMemBuffer(text_.getBuffer(), name.toStringRef(storage));
  }
  std::error_code close() override { return {}; }

 private:
  llvm::vfs::Status status_;
  const llvm::MemoryBuffer& text_;
};

/// One unit's look at the files.
class View : public llvm::vfs::FileSystem {
 public:
  View(SourceFiles& files, std::string directory, std::vector<Input>& inputs)
      : files_(files), directory_(std::move(directory)), inputs_(inputs) {}
  ~View() override {
    for (const auto& entry : seen_) inputs_.push_back({entry.getKey().str(), entry.second.kind, entry.second.digest});
    for (const auto& entry : listed_) inputs_.push_back({entry.getKey().str(), Input::Kind::Listing, entry.second});
    std::sort(inputs_.begin(), inputs_.end());
  }

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine& path) override {
    llvm::SmallString<256> absolute = resolved(path);
    const SourceFiles::Entry& entry = files_.lookUp(absolute);
    note(absolute, entry.error            ? Input::Kind::Absent
                   : entry.status.isDirectory() ? Input::Kind::Folder
                                                : Input::Kind::Present);
    if (entry.error) return entry.error;
    return llvm::vfs::Status::copyWithNewName(entry.status, path);
  }

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine& path) override {
    llvm::SmallString<256> absolute = resolved(path);
    const SourceFiles::Entry& entry = files_.read(absolute);
    if (entry.error) return note(absolute, Input::Kind::Absent), entry.error;
    if (!entry.text) return note(absolute, Input::Kind::Folder), std::make_error_code(std::errc::is_a_directory);
    note(absolute, Input::Kind::Content, *entry.digest);
    return std::make_unique<ReadFile>(llvm::vfs::Status::copyWithNewName(entry.status, path), *entry.text);
  }

  llvm::vfs::directory_iterator dir_begin(const llvm::Twine& folder, std::error_code& error) override {
    llvm::SmallString<256> absolute = resolved(folder);
    listed_.try_emplace(absolute, *files_.list(absolute).listing);
    return files_.disk().dir_begin(absolute, error);
  }

  llvm::ErrorOr<std::string> getCurrentWorkingDirectory() const override { return directory_; }
  std::error_code setCurrentWorkingDirectory(const llvm::Twine& path) override {
    directory_ = std::string(resolved(path));
    return {};
  }
  std::error_code getRealPath(const llvm::Twine& path, llvm::SmallVectorImpl<char>& output) override {
    return files_.disk().getRealPath(resolved(path), output);
  }

 private:
  struct Answer {
    Input::Kind kind;
    Digest digest;
  };

  llvm::SmallString<256> resolved(const llvm::Twine& path) const {
    llvm::SmallString<256> absolute;
    path.toVector(absolute);
    if (!llvm::sys::path::is_absolute(absolute)) llvm::sys::fs::make_absolute(directory_, absolute);
    return absolute;
  }
  void note(llvm::StringRef path, Input::Kind kind, const Digest& digest = {}) {
    auto [entry, added] = seen_.try_emplace(path, Answer{kind, digest});
    if (!added && kind == Input::Kind::Content) entry->second = {kind, digest};
  }

  SourceFiles& files_;
  std::string directory_;
  std::vector<Input>& inputs_;
  llvm::StringMap<Answer> seen_;
  llvm::StringMap<Digest> listed_;
};

}  // namespace

SourceFiles::SourceFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk) : disk_(std::move(disk)) {}
SourceFiles::~SourceFiles() = default;

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> SourceFiles::view(const std::string& directory,
                                                                  std::vector<Input>& inputs) {
  return llvm::makeIntrusiveRefCnt<View>(*this, directory, inputs);
}

void SourceFiles::trim() {
  if (textBytes_ <= kMostTextBytes) return;
  entries_.clear();
  textBytes_ = 0;
}

SourceFiles::Entry& SourceFiles::lookUp(llvm::StringRef path) {
  auto [entry, added] = entries_.try_emplace(path);
  if (added) {
    auto status = disk_->status(path);
    if (status)
      entry->second.status = std::move(*status);
    else
      entry->second.error = status.getError();
  }
  return entry->second;
}

SourceFiles::Entry& SourceFiles::read(llvm::StringRef path) {
  Entry& entry = lookUp(path);
  if (entry.error || entry.text || entry.status.isDirectory()) return entry;
  auto file = disk_->openFileForRead(path);
  // Volatile: a copy, so that nobody changes the text under the front end.
  auto text = file ? (*file)->getBuffer(path, -1, /*RequiresNullTerminator=*/true, /*IsVolatile=*/true)
                   : llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>>(file.getError());
  if (!text) {
    entry.error = text.getError();
    return entry;
  }
  // The size may have changed since the status was asked for; the front end wants them to agree.
  entry.status = llvm::vfs::Status::copyWithNewSize(entry.status, (*text)->getBufferSize());
  entry.text = std::move(*text);
  entry.digest = digestOf(entry.text->getBuffer());
  textBytes_ += entry.text->getBufferSize();
  return entry;
}

SourceFiles::Entry& SourceFiles::hash(llvm::StringRef path) {
  Entry& known = lookUp(path);
  if (known.digest) return known;
  Entry& entry = read(path);
  if (entry.text) textBytes_ -= entry.text->getBufferSize();
  entry.text.reset();
  return entry;
}

SourceFiles::Entry& SourceFiles::list(llvm::StringRef path) {
  Entry& entry = lookUp(path);
  if (entry.listing) return entry;
  std::vector<std::string> names;
  std::error_code error;
  for (auto each = disk_->dir_begin(path, error), end = llvm::vfs::directory_iterator(); !error && each != end;
       each.increment(error))
    names.push_back(each->path().str());
  std::sort(names.begin(), names.end());
  DigestBuilder builder;
  for (const std::string& name : names) builder.add(name);
  entry.listing = builder.finish();
  return entry;
}

bool stillHolds(const Input& input, SourceFiles& files) {
  switch (input.kind) {
    case Input::Kind::Absent:
      return static_cast<bool>(files.lookUp(input.path).error);
    case Input::Kind::Folder: {
      const SourceFiles::Entry& entry = files.lookUp(input.path);
      return !entry.error && entry.status.isDirectory();
    }
    case Input::Kind::Present: {
      const SourceFiles::Entry& entry = files.lookUp(input.path);
      return !entry.error && !entry.status.isDirectory();
    }
    case Input::Kind::Content:
      return files.hash(input.path).digest == input.digest;
    case Input::Kind::Listing:
      return files.list(input.path).listing == input.digest;
  }
  return false;
}

}  // namespace deadheat
