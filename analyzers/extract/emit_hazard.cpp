// Library calls with a hazard of their own: hidden shared state, or nothing promised in signal handlers; and the
// handlers that a program installs by filling in a structure.
#include "analyzers/extract/emitter.h"
#include "analyzers/extract/signals.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

/// A function of the library: not one that the program defines under the same name.
bool isLibraryFunction(const clang::FunctionDecl* function, Library& library) {
  if (library.inSystemHeader(function)) return true;
  const clang::FunctionDecl* body = nullptr;
  return !function->hasBody(body) || library.inSystemHeader(body);
}

/// Functions of the C library that no model mentions: declared there, or known to the compiler.
bool isUnlistedC(const clang::FunctionDecl* function, Library& library) {
  const clang::IdentifierInfo* name = function->getIdentifier();
  if (!name || name->getName().starts_with("__") || !function->isExternC()) return false;
  return library.inSystemHeader(function) || function->getBuiltinID() != 0;
}

}  // namespace

bool Emitter::sharesState(const HazardModel& hazard, const CallShape& shape) {
  if (hazard.states.empty() || hazard.isSafeIn(tu.libc())) return false;
  if (hazard.ifNull == HazardModel::kAlways) return true;
  const auto position = static_cast<std::size_t>(hazard.ifNull);
  return position >= shape.arguments.size() ||
         shape.arguments[position]->isNullPointerConstant(tu.ast, clang::Expr::NPC_ValueDependentIsNotNull) !=
             clang::Expr::NPCK_NotNull;
}

bool Emitter::isSafeInSignal(const CallShape& shape) {
  const HazardModel* hazard = tu.library.hazard(shape.callee);
  return hazard && hazard->inSignal == LibraryCall::InSignal::Safe;
}

void Emitter::noteHazard(const clang::CallExpr* call, const CallShape& shape) {
  const HazardModel* hazard = tu.library.hazard(shape.callee);
  if (!hazard && (shape.model || !isUnlistedC(shape.callee, tu.library))) return;
  if (!isLibraryFunction(shape.callee, tu.library)) return;
  LibraryCall event;
  event.function = hazard ? hazard->name : modelName(shape.callee);
  if (hazard) {
    event.inSignal = hazard->inSignal;
    event.because = hazard->because;
    if (sharesState(*hazard, shape)) {
      event.states = hazard->states;
      event.access = hazard->access;
      event.instead = hazard->instead;
    }
  }
  if (event.inSignal == LibraryCall::InSignal::Safe && event.states.empty()) return;
  emit(call->getExprLoc(), std::move(event));
}

void Emitter::installHandler(const clang::FieldDecl* field, const clang::Expr* handler) {
  if (!isHandlerField(field)) return;
  const clang::FunctionDecl* function = resolver.namedFunction(handler);
  Entry start = entryOfValue(handler, {});
  const bool isHandler = function || start.callee.target.kind == Value::Kind::Load;
  if (!isHandler) return;  // SIG_IGN and SIG_DFL are numbers
  Spawn event;
  event.entry = std::move(start.callee);
  event.where = SpawnWhere::SignalHandler;
  event.how = "sigaction";
  event.signals = sourceOfSignals(body_, handler, tu.ast);
  emit(handler->getExprLoc(), std::move(event));
}

void Emitter::installHandlers(const clang::InitListExpr* list) {
  const clang::RecordDecl* record = list->getType()->getAsRecordDecl();
  if (!record || list->getNumInits() == 0) return;
  if (record->isUnion()) {
    if (const clang::FieldDecl* chosen = list->getInitializedFieldInUnion()) installHandler(chosen, list->getInit(0));
    return;
  }
  unsigned index = 0;
  for (const clang::FieldDecl* field : record->fields())
    if (index < list->getNumInits()) installHandler(field, list->getInit(index++));
}

}  // namespace deadheat
