#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "plugin/passes.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

bool acquires(const Instruction& instruction) {
  if (const auto* load = dyn_cast<LoadInst>(&instruction)) return isAcquireOrStronger(load->getOrdering());
  if (const auto* fence = dyn_cast<FenceInst>(&instruction)) return isAcquireOrStronger(fence->getOrdering());
  if (const auto* atomic = dyn_cast<AtomicRMWInst>(&instruction)) return isAcquireOrStronger(atomic->getOrdering());
  const auto* exchange = dyn_cast<AtomicCmpXchgInst>(&instruction);
  return exchange != nullptr && (isAcquireOrStronger(exchange->getSuccessOrdering()) ||
                                 isAcquireOrStronger(exchange->getFailureOrdering()));
}

/// Bytes of a read the stock instrumentation has a callback for, else 0.
unsigned plainReadBytes(const Instruction& instruction) {
  return isa<LoadInst>(instruction) ? stockBytes(instruction) : 0;
}

/// Reads of a stretch of a block without calls, by address.
class Stretch {
 public:
  void read(LoadInst* load) { reads_[load->getPointerOperand()].push_back({load, false}); }
  void acquire() {
    for (auto& [pointer, reads] : reads_)
      for (Read& read : reads) read.separated = true;
  }
  /// Whether a read was kept.
  bool write(Value* pointer) {
    bool kept = false;
    auto found = reads_.find(pointer);
    if (found == reads_.end()) return false;
    for (const Read& read : found->second)
      if (read.separated && mayBeShared(pointer)) {
        tellNow(*read.load);
        kept = true;
      }
    found->second.clear();
    return kept;
  }
  void end() { reads_.clear(); }

 private:
  struct Read {
    LoadInst* load;
    bool separated;  ///< An acquire came after it.
  };
  MapVector<Value*, SmallVector<Read, 2>> reads_;
};

bool isRealCall(const Instruction& instruction) { return isa<CallBase>(instruction) && !isa<DbgInfoIntrinsic>(instruction); }

}  // namespace

bool keepReadsBeforeAcquire(Function& function) {
  bool changed = false;
  for (BasicBlock& block : function) {
    Stretch stretch;
    for (Instruction& instruction : block) {
      if (acquires(instruction))
        stretch.acquire();
      else if (plainReadBytes(instruction) != 0)
        stretch.read(cast<LoadInst>(&instruction));
      else if (auto* store = dyn_cast<StoreInst>(&instruction); store != nullptr && !store->isAtomic())
        changed |= stretch.write(store->getPointerOperand());
      else if (isRealCall(instruction))
        stretch.end();
    }
  }
  return changed;
}

}  // namespace deadheat::pass
