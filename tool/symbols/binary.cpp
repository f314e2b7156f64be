#include "tool/symbols/binary.h"

#include <unistd.h>

#include "llvm/ADT/STLExtras.h"
#include "llvm/Object/BuildID.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "runtime/protocol.h"
#include "tool/symbols/failure.h"

namespace deadheat {
namespace {

using llvm::object::ObjectFile;

bool hasLineTable(const ObjectFile& object) {
  for (const llvm::object::SectionRef& section : object.sections()) {
    auto name = section.getName();
    if (!name) {
      llvm::consumeError(name.takeError());
    } else if (*name == ".debug_line" || *name == ".gnu_debuglink" || *name == ".zdebug_line") {
      return true;
    }
  }
  return false;
}

template <typename Symbols>
bool anySanitizerSymbol(const Symbols& symbols) {
  for (const llvm::object::SymbolRef symbol : symbols) {
    auto name = symbol.getName();
    if (!name) {
      llvm::consumeError(name.takeError());
    } else if (name->starts_with("__tsan_") || name->starts_with("__asan_") || name->starts_with("__msan_")) {
      return true;
    }
  }
  return false;
}

bool callsSanitizer(const ObjectFile& object) {
  if (anySanitizerSymbol(object.symbols())) return true;
  const auto* elf = llvm::dyn_cast<llvm::object::ELFObjectFileBase>(&object);
  return elf && anySanitizerSymbol(elf->getDynamicSymbolIterators());
}

bool hasInterpreter(const ObjectFile& object) {
  const auto* elf = llvm::dyn_cast<llvm::object::ELFObjectFile<llvm::object::ELF64LE>>(&object);
  if (!elf) return false;
  auto segments = elf->getELFFile().program_headers();
  if (!segments) return llvm::consumeError(segments.takeError()), false;
  return llvm::any_of(*segments, [](const auto& segment) { return segment.p_type == llvm::ELF::PT_INTERP; });
}

}  // namespace

std::vector<std::uint8_t> buildIdOf(const ObjectFile& object) {
  llvm::object::BuildIDRef id = llvm::object::getBuildID(&object);
  return {id.begin(), id.end()};
}

llvm::Expected<BinaryInfo> inspectBinary(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer) return failure("cannot read '", path, "': ", buffer.getError().message());
  BinaryInfo info;
  auto object = ObjectFile::createObjectFile((*buffer)->getMemBufferRef());
  if (!object) {
    llvm::consumeError(object.takeError());
    return info;
  }
  info.isElf = (*object)->isELF();
  info.buildId = buildIdOf(**object);
  info.isDynamic = hasInterpreter(**object);
  info.hasDebugInfo = hasLineTable(**object);
  info.hasSanitizer = callsSanitizer(**object);
  info.hasRuntime = (*buffer)->getBuffer().contains(protocol::kRuntimeMarker);
  info.isTargeted = (*buffer)->getBuffer().contains(protocol::kTargetedMarker);
  return info;
}

llvm::Expected<std::string> findProgram(const std::string& name) {
  std::string path = name;
  if (!llvm::StringRef(name).contains('/')) {
    auto found = llvm::sys::findProgramByName(name);
    if (!found && !llvm::sys::fs::exists(name)) return failure("no program '", name, "' in PATH");
    if (!found) return failure("no program '", name, "' in PATH; for the one here write './", name, "'");
    path = *found;
  }
  if (!llvm::sys::fs::exists(path)) return failure("there is no program '", path, "'");
  if (llvm::sys::fs::is_directory(path)) return failure("'", path, "' is a directory, not a program");
  if (::access(path.c_str(), X_OK) != 0) return failure("'", path, "' is not executable");
  return path;
}

bool isLauncher(const std::string& path, const BinaryInfo& binary) {
  if (!binary.isElf) return true;
  const llvm::StringRef text(path);
  return !binary.hasRuntime && (text.starts_with("/bin/") || text.starts_with("/usr/") || text.starts_with("/sbin/"));
}

llvm::Error checkInstrumented(const std::string& path, const BinaryInfo& binary) {
  if (binary.hasRuntime || isLauncher(path, binary)) return llvm::Error::success();
  if (binary.hasSanitizer)
    return failure("'", path, "' is built for another sanitizer's runtime; compile and link it with 'deadheat cc' or "
                   "'deadheat c++' in place of -fsanitize");
  return failure("'", path, "' is not instrumented; build it with 'deadheat cc' or 'deadheat c++' as the compiler");
}

llvm::Error checkPreloadable(const std::string& path, const BinaryInfo& binary) {
  if (!binary.isElf || binary.hasRuntime) return llvm::Error::success();
  if (binary.hasSanitizer)
    return failure("'", path, "' is built for another sanitizer's runtime, which does not go with deadheat's; build it "
                   "without -fsanitize");
  if (!binary.isDynamic)
    return failure("'", path, "' is linked statically, so nothing can be loaded into it; build it with 'deadheat cc' or "
                   "'deadheat c++' as the compiler");
  return llvm::Error::success();
}

llvm::Error checkDebugInfo(const std::string& path, const BinaryInfo& binary) {
  if (binary.hasDebugInfo || isLauncher(path, binary)) return llvm::Error::success();
  return failure("'", path, "' has no debug information, so sites cannot be found in it; build it with -g");
}

}  // namespace deadheat
