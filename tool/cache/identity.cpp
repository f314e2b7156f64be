#include "tool/cache/identity.h"

#include <elf.h>
#include <link.h>

#include <optional>

#include "analyzers/extract/extract.h"
#include "analyzers/facts/tu_facts.h"
#include "llvm/Support/MemoryBuffer.h"
#include "tool/version.h"

namespace deadheat {
namespace {

/// The build id in the notes of one segment.
std::optional<std::string> buildIdIn(llvm::StringRef notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(notes.data());
    const std::size_t nameSize = (note->n_namesz + 3) & ~3U;
    const std::size_t size = sizeof *note + nameSize + ((note->n_descsz + 3) & ~3U);
    if (size > notes.size()) break;
    llvm::StringRef name = notes.substr(sizeof *note, note->n_namesz);
    if (note->n_type == NT_GNU_BUILD_ID && name == llvm::StringRef("GNU\0", 4))
      return notes.substr(sizeof *note + nameSize, note->n_descsz).str();
    notes = notes.drop_front(size);
  }
  return std::nullopt;
}

/// The linker's digest of this executable, if it made one.
std::optional<std::string> buildId() {
  std::optional<std::string> found;
  auto look = [](dl_phdr_info* object, std::size_t, void* context) {
    auto& id = *static_cast<std::optional<std::string>*>(context);
    for (int i = 0; i < object->dlpi_phnum && !id; ++i) {
      const auto& segment = object->dlpi_phdr[i];
      if (segment.p_type != PT_NOTE) continue;
      id = buildIdIn({reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz});
    }
    return 1;  // the first object is the executable
  };
  dl_iterate_phdr(look, &found);
  return found;
}

std::string executableDigest() {
  auto file = llvm::MemoryBuffer::getFile("/proc/self/exe", /*IsText=*/false, /*RequiresNullTerminator=*/false);
  return file ? digestOf((*file)->getBuffer()).text() : std::string();
}

}  // namespace

Digest toolIdentity() {
  static const Digest identity = [] {
    auto id = buildId();
    return DigestBuilder()
        .add(version())
        .add(std::to_string(kFactsVersion))
        .add(frontEndVersion())
        .add(id ? *id : executableDigest())
        .finish();
  }();
  return identity;
}

Digest extractionIdentity(const ModelSet& models) {
  return DigestBuilder().add(toolIdentity()).add(models.digest()).finish();
}

}  // namespace deadheat
