#include "plugin/hooks.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/IntrinsicInst.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

constexpr unsigned kGranule = 8;
constexpr char kTold[] = "deadheat.told";

StringRef calleeName(const Instruction& instruction) {
  const auto* call = dyn_cast<CallBase>(&instruction);
  const Function* callee = call == nullptr ? nullptr : call->getCalledFunction();
  return callee == nullptr ? StringRef() : callee->getName();
}

Hook hookNamed(StringRef name) {
  if (name == "__tsan_vptr_read") return {8, false, true, false, true};
  if (!name.consume_front("__tsan_")) return {};
  bool aligned = !name.consume_front("unaligned_");
  bool write = name.consume_front("write");
  if (!write && !name.consume_front("read")) return {};
  unsigned bytes =
      StringSwitch<unsigned>(name).Case("1", 1).Case("2", 2).Case("4", 4).Case("8", 8).Case("16", 16).Default(0);
  return {bytes, write, aligned, aligned || bytes > kGranule, false};
}

}  // namespace

Hook hookOf(const Instruction& instruction) {
  return isa<CallInst>(instruction) ? hookNamed(calleeName(instruction)) : Hook{};
}

void markTold(CallInst& hook) { hook.setMetadata(kTold, MDNode::get(hook.getContext(), {})); }
bool isTold(const Instruction& hook) { return hook.hasMetadata(kTold); }

bool maySynchronise(const Instruction& instruction) {
  if (instruction.isAtomic()) return true;
  const auto* call = dyn_cast<CallBase>(&instruction);
  if (call == nullptr || call->doesNotAccessMemory()) return false;
  if (isa<IntrinsicInst>(call))
    return !call->hasFnAttr(Attribute::NoSync) && !isa<DbgInfoIntrinsic, LifetimeIntrinsic, MemIntrinsic>(call);
  StringRef name = calleeName(instruction);
  if (hookNamed(name).bytes != 0) return false;
  return !StringSwitch<bool>(name)
              .Cases("__tsan_memcpy", "__tsan_memmove", "__tsan_memset", true)
              .Cases("__tsan_vptr_update", "__tsan_read_range", "__tsan_write_range", true)
              .Cases("__tsan_func_entry", "__tsan_func_exit", "__deadheat_enter", "__deadheat_leave", true)
              .Cases("__deadheat_masked_read", "__deadheat_masked_write", true)
              .Default(false);
}

}  // namespace deadheat::pass
