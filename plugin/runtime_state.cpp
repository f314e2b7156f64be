#include "plugin/runtime_state.h"

namespace deadheat::pass {
namespace {

using namespace llvm;

constexpr std::uint64_t kRegions = std::uint64_t{1} << 23;
constexpr unsigned kRegionShift = 24;
constexpr unsigned kStateWords = 3;
constexpr std::uint64_t kGoneTasks = std::uint64_t{1} << 20;
constexpr unsigned kGoneShift = 4;

/// True if the module's code can only be part of an executable, which then has the runtime in it.
bool forExecutable(const Module& module) {
  return module.getPICLevel() == PICLevel::NotPIC || module.getPIELevel() != PIELevel::Default;
}

}  // namespace

Value* RuntimeState::load(IRBuilder<>& builder, Type* type, unsigned index) {
  auto* words = ArrayType::get(builder.getInt64Ty(), kStateWords);
  Value* place = builder.CreateConstInBoundsGEP2_64(words, threadLocal(builder, "__deadheat_fast", words), 0, index);
  return builder.CreateLoad(type, place);
}

Value* RuntimeState::threadLocal(IRBuilder<>& builder, StringRef name, Type* type) {
  GlobalVariable* state = variable(name, type);
  state->setThreadLocalMode(forExecutable(module_) ? GlobalValue::LocalExecTLSModel : GlobalValue::InitialExecTLSModel);
  return builder.CreateThreadLocalAddress(state);
}

Value* RuntimeState::told(IRBuilder<>& builder) {
  return builder.CreateIsNotNull(
      builder.CreateLoad(builder.getInt8Ty(), variable("__deadheat_told", builder.getInt8Ty())));
}

Value* RuntimeState::goneTask(IRBuilder<>& builder, Value* frame) {
  auto* table = ArrayType::get(builder.getInt8Ty(), kGoneTasks);
  Value* number = builder.CreatePtrToInt(frame, builder.getInt64Ty());
  Value* index = builder.CreateAnd(builder.CreateLShr(number, kGoneShift), kGoneTasks - 1);
  Value* place =
      builder.CreateInBoundsGEP(table, variable("__deadheat_gone_tasks", table), {builder.getInt64(0), index});
  return builder.CreateIsNotNull(builder.CreateLoad(builder.getInt8Ty(), place));
}

Value* RuntimeState::fences(IRBuilder<>& builder) {
  LoadInst* flag = builder.CreateLoad(builder.getInt8Ty(), variable("__deadheat_fences", builder.getInt8Ty()));
  flag->setMetadata(LLVMContext::MD_nosanitize, MDNode::get(builder.getContext(), {}));
  return flag;
}

Value* RuntimeState::atTarget(IRBuilder<>& builder) {
  return threadLocal(builder, "__deadheat_at_target", builder.getInt8Ty());
}

Value* RuntimeState::regionOffset(IRBuilder<>& builder, Value* address) {
  auto* table = ArrayType::get(builder.getInt64Ty(), kRegions);
  Value* region = builder.CreateAnd(builder.CreateLShr(address, kRegionShift), kRegions - 1);
  Value* place = builder.CreateInBoundsGEP(table, variable("__deadheat_shadow", table), {builder.getInt64(0), region});
  return builder.CreateLoad(builder.getInt64Ty(), place);
}

GlobalVariable* RuntimeState::variable(StringRef name, Type* type) {
  auto* found = cast<GlobalVariable>(module_.getOrInsertGlobal(name, type));
  found->setDSOLocal(forExecutable(module_));
  return found;
}

}  // namespace deadheat::pass
