#include "tool/confirm/workspace.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "tool/symbols/failure.h"

namespace deadheat {

namespace fs = llvm::sys::fs;

llvm::Expected<Workspace> Workspace::create(const std::string& outputDirectory) {
  Workspace made;
  made.output_ = outputDirectory;
  std::error_code error = fs::create_directories(outputDirectory);
  llvm::SmallString<256> absolute(outputDirectory), work;
  if (!error) error = fs::make_absolute(absolute);
  if (!error) error = fs::createUniqueDirectory(absolute + "/work", work);
  if (error)
    return failure("cannot write to the output directory '", outputDirectory, "': ", error.message(),
                   "; name another one");
  made.work_ = std::string(work);
  return made;
}

Workspace::Workspace(Workspace&& other) noexcept : output_(std::move(other.output_)), work_(std::move(other.work_)) {
  other.work_.clear();
}

Workspace::~Workspace() {
  if (!work_.empty()) fs::remove_directories(work_);
}

RunFiles Workspace::filesFor(const std::string& name) const {
  return {work_ + "/" + name + ".rec", work_ + "/" + name + ".plan"};
}

std::string Workspace::keep(const RunFiles& files, const std::string& name) const {
  const std::string target = output_ + "/" + name;
  std::string kept;
  for (const std::string& file : recordingFiles(files.recording)) {
    const std::string suffix = file.substr(files.recording.size());
    if (fs::rename(file, target + ".rec" + suffix)) return file;
    if (kept.empty()) kept = target + ".rec" + suffix;
  }
  if (!files.plan.empty()) (void)fs::rename(files.plan, target + ".plan");
  return kept;
}

void Workspace::discard(const RunFiles& files) const {
  for (const std::string& file : recordingFiles(files.recording)) fs::remove(file);
  if (!files.plan.empty()) fs::remove(files.plan);
}

std::string proofName(const Finding& finding) { return finding.check + "-" + fingerprint(finding).substr(0, 8); }

}  // namespace deadheat
