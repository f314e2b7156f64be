// Which code is mapped where, as far as it was recorded.
#pragma once

#include "runtime/core.h"

namespace deadheat::rt {

/// True if the module `pc` lies in was recorded. No lock; false at worst for one that is being recorded.
bool codeIsKnown(Address pc);
/// True if that module is recorded as instrumented.
bool codeIsInstrumented(Address pc);

/// A module as it was recorded; lives for ever, as does `path`, which is empty at worst.
struct Module {
  Address base;  ///< Run-time address minus ELF virtual address.
  Address begin;
  Address end;
  const char* path;
  bool instrumented;
};
/// The module with `address`, code or data. False when there is none.
bool findModule(Address address, Module& out);
/// Runs `visit` on every recorded module.
template <class Visit>
void forEachModule(Visit visit);
std::size_t moduleCountNow();
Module moduleAt(std::size_t index);

template <class Visit>
void forEachModule(Visit visit) {
  for (std::size_t i = 0, count = moduleCountNow(); i < count; ++i) visit(moduleAt(i));
}

}  // namespace deadheat::rt
