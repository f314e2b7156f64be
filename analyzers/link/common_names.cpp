#include "analyzers/link/common_names.h"

#include <algorithm>

namespace deadheat {
namespace {

bool isFrameOwned(Storage storage) {
  return storage == Storage::Local || storage == Storage::Allocation || storage == Storage::Result;
}

}  // namespace

std::uint64_t maskOf(PathId path) { return std::uint64_t{1} << ((raw(path) * 0x9e3779b97f4a7c15ULL) >> 58); }

bool CommonNames::isCommon(PathId path) const {
  const PathNode& node = tables_.paths[path];
  switch (node.storage) {
    case Storage::Global:
    case Storage::ThreadLocal:
    case Storage::Opaque:
      return !node.formal;
    case Storage::Parameter:
    case Storage::This:
    case Storage::Returned:
      return false;
    default:
      return true;
  }
}

PathId CommonNames::outside(PathId path) const {
  return isFrameOwned(tables_.paths.storage(path)) ? PathId::Unknown : path;
}

PathId CommonNames::lockOutside(PathId lock) const {
  return isFrameOwned(tables_.paths.storage(lock)) ? tables_.paths.opaque(lock) : lock;
}

CommonNames::Known CommonNames::of(PathSetId set) {
  if (set == PathSetId::Empty) return {};
  auto [slot, fresh] = sets_.try_emplace(raw(set));
  if (!fresh) return slot->second;
  Known known;
  std::vector<PathId> kept;
  for (PathId path : tables_.pathSets[set]) {
    known.common = known.common && isCommon(path);
    if (outside(path) != PathId::Unknown) kept.push_back(path);
  }
  known.outside = tables_.pathSets.intern(std::move(kept));
  return sets_[raw(set)] = known;
}

bool CommonNames::isCommon(LocksetId locks) const {
  const auto held = tables_.locksets[locks];
  return std::all_of(held.begin(), held.end(), [&](const HeldLock& each) { return isCommon(each.lock); });
}

}  // namespace deadheat
