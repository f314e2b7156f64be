#include "analyzers/extract/spin_locks.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include "llvm/ADT/StringRef.h"

namespace deadheat {
namespace {

enum class Part { None, Lock, Unlock };

Part partOf(std::string_view name) {
  const std::size_t scope = name.rfind("::");
  std::string plain(scope == std::string_view::npos ? name : name.substr(scope + 2));
  std::transform(plain.begin(), plain.end(), plain.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* other : {"block", "clock"}) {
    if (plain.ends_with(other)) return Part::None;
  }
  if (plain.ends_with("unlock") || plain.starts_with("unlock")) return Part::Unlock;
  const bool isOtherWord = plain.ends_with("block") || plain.ends_with("clock");
  const bool isLock = (plain.ends_with("lock") && !isOtherWord) || plain.starts_with("lock");
  return isLock && plain.find("try") == std::string::npos ? Part::Lock : Part::None;
}

/// The function is said to let readers in beside each other.
bool isForReaders(std::string_view name) {
  const std::size_t scope = name.rfind("::");
  const llvm::StringRef plain(scope == std::string_view::npos ? name : name.substr(scope + 2));
  return plain.contains_insensitive("shared") || plain.contains_insensitive("read") || plain.ends_with_insensitive("rlock") ||
         plain.starts_with_insensitive("rlock");
}

/// The object an atomic belongs to: `*this` or `*first parameter`.
std::optional<Path> owner(const Path& atomic) {
  if (atomic.root.kind == RootKind::This) return Path{atomic.root, {}, false};
  const bool isFirst = atomic.root.kind == RootKind::Parameter && atomic.root.index == 0 && !atomic.steps.empty() &&
                       atomic.steps[0].kind == PathStep::Kind::Deref;
  if (!isFirst) return std::nullopt;
  return Path{atomic.root, {PathStep::deref()}, false};
}

/// The object whose atomic is changed as `part` does, if the function deals with no known lock.
std::optional<Path> spunOn(const Function& function, Part part) {
  std::optional<Path> object;
  for (const BasicBlock& block : function.blocks)
    for (const Event& event : block.events) {
      if (std::holds_alternative<Acquire>(event.what) || std::holds_alternative<Release>(event.what))
        return std::nullopt;
      const auto* access = std::get_if<Access>(&event.what);
      if (!access || access->atomicity != Atomicity::Atomic) continue;
      const bool fits = access->kind == AccessKind::ReadWrite ||
                        (part == Part::Unlock && access->kind == AccessKind::Write);
      if (fits && !object) object = owner(access->path);
    }
  return object;
}

/// Looks at the lock's memory to see whether it is worth trying are no accesses to data, and pauses until it is are part
/// of taking it.
void dropTrying(Function& function, const Path& object) {
  for (BasicBlock& block : function.blocks)
    std::erase_if(block.events, [&](const Event& event) {
      const auto* access = std::get_if<Access>(&event.what);
      const bool looks = access && access->kind == AccessKind::Read && access->path == object;
      return looks || std::holds_alternative<Block>(event.what);
    });
}

}  // namespace

void inferSpinLock(std::string_view name, Function& function) {
  const Part part = partOf(name);
  if (part == Part::None || function.blocks.empty()) return;
  const std::optional<Path> object = spunOn(function, part);
  if (!object) return;
  Location location;
  for (const BasicBlock& block : function.blocks)
    if (!block.events.empty() && !location.valid()) location = block.events.front().location;
  dropTrying(function, *object);
  if (part == Part::Unlock) {
    Release release;
    release.lock = *object;
    function.blocks[0].events.insert(function.blocks[0].events.begin(), {location, std::move(release)});
    return;
  }
  Acquire acquire;
  acquire.lock = *object;
  acquire.type = "spin lock";
  if (isForReaders(name)) acquire.mode = LockMode::Shared;
  function.blocks[function.exit].events.push_back({location, std::move(acquire)});
}

}  // namespace deadheat
