#include "analyzers/extract/contracts.h"

#include "analyzers/extract/resolver.h"
#include "analyzers/facts/any_lock.h"
#include "clang/AST/Attr.h"
#include "clang/AST/StmtCXX.h"

namespace deadheat {
namespace {

using llvm::dyn_cast;
using llvm::isa;

/// A lock as an attribute names it.
struct NamedLock {
  Path path;
  bool negated = false;  ///< `!mu`: not held.
};

/// Names the locks in the attributes of one declaration.
class LockNames {
 public:
  LockNames(TuContext& tu, const clang::FunctionDecl* function)
      : tu_(tu), scope_(tu, function), resolver_(scope_) {}

  NamedLock name(const clang::Expr* expression, int depth = 0);

 private:
  Path lockOf(const clang::Expr* expression, int depth);
  Path returnedBy(const clang::CallExpr* call, int depth);
  Path inCallersTerms(Path path, const clang::CallExpr* call);

  TuContext& tu_;
  FunctionScope scope_;
  Resolver resolver_;
};

/// The expression that a function says, or is seen, to return and nothing else; or null.
const clang::Expr* returnedExpression(const clang::FunctionDecl* function) {
  if (const auto* attribute = function->getAttr<clang::LockReturnedAttr>()) return attribute->getArg();
  const clang::FunctionDecl* definition = nullptr;
  if (!function->hasBody(definition)) return nullptr;
  const auto* body = dyn_cast<clang::CompoundStmt>(definition->getBody());
  if (!body || body->size() != 1) return nullptr;
  const auto* statement = dyn_cast<clang::ReturnStmt>(body->body_front());
  return statement ? statement->getRetValue() : nullptr;
}

NamedLock LockNames::name(const clang::Expr* expression, int depth) {
  expression = expression->IgnoreParenImpCasts();
  if (const auto* text = dyn_cast<clang::StringLiteral>(expression)) {
    Path all;
    if (text->getString() == kAnyLock) all.root = {RootKind::Global, 0, kAnyLock, "any lock"};
    return {all, false};
  }
  const clang::Expr* inner = nullptr;
  if (const auto* negation = dyn_cast<clang::UnaryOperator>(expression);
      negation && negation->getOpcode() == clang::UO_LNot)
    inner = negation->getSubExpr();
  if (const auto* negation = dyn_cast<clang::CXXOperatorCallExpr>(expression);
      negation && negation->getOperator() == clang::OO_Exclaim)
    inner = negation->getArg(0);
  return inner ? NamedLock{name(inner, depth).path, true} : NamedLock{lockOf(expression, depth), false};
}

Path LockNames::lockOf(const clang::Expr* expression, int depth) {
  if (const auto* full = dyn_cast<clang::FullExpr>(expression)) return lockOf(full->getSubExpr(), depth);
  if (const auto* call = dyn_cast<clang::CallExpr>(expression))
    if (Path returned = returnedBy(call, depth); returned.known()) return returned;
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(expression))
    if (const auto* field = dyn_cast<clang::FieldDecl>(reference->getDecl())) {
      Path self;
      self.root.kind = RootKind::This;
      return std::move(self).then(PathStep::field(tu_.names.display(field->getParent()), field->getNameAsString()));
    }
  const clang::QualType type = expression->getType();
  if (type->isPointerType()) return resolver_.deref(resolver_.value(expression));
  Path place = resolver_.place(expression);
  return tu_.library.isPointerLike(type) ? std::move(place).then(PathStep::deref()) : place;
}

Path LockNames::returnedBy(const clang::CallExpr* call, int depth) {
  constexpr int kMostAccessors = 4;
  const clang::FunctionDecl* function = call->getDirectCallee();
  if (!function || depth >= kMostAccessors) return {};
  const clang::Expr* returned = returnedExpression(function);
  if (!returned || tu_.library.function(function)) return {};
  const clang::FunctionDecl* definition = function->getDefinition();
  return inCallersTerms(LockNames(tu_, definition ? definition : function).name(returned, depth + 1).path, call);
}

Path LockNames::inCallersTerms(Path path, const clang::CallExpr* call) {
  const CallShape shape = tu_.library.shape(call);
  Path object;
  std::size_t used = 0;
  if (path.root.kind == RootKind::Global) return path;
  if (path.root.kind == RootKind::This && shape.receiver) {
    object = resolver_.receiver(shape);
  } else if (path.root.kind == RootKind::Parameter && path.root.index < shape.arguments.size() && !path.steps.empty() &&
             path.steps.front().kind == PathStep::Kind::Deref) {
    object = resolver_.pointee(shape.arguments[path.root.index]);
    used = 1;
  }
  for (std::size_t i = used; object.known() && i < path.steps.size(); ++i) object = object.then(path.steps[i]);
  return object;
}

/// Collects the contracts of one function.
class ContractReader {
 public:
  ContractReader(TuContext& tu, const clang::FunctionDecl* function) : function_(function), names_(tu, function) {}

  Contracts read() {
    for (const clang::Attr* attribute : function_->attrs()) read(attribute);
    return std::move(contracts_);
  }

 private:
  void read(const clang::Attr* attribute);
  template <typename Attribute>
  void add(Contract like, const Attribute* attribute) {
    if (attribute->args_size() == 0) addSelf(like);
    for (const clang::Expr* argument : attribute->args()) add(like, names_.name(argument));
  }
  void add(Contract contract, const NamedLock& lock) {
    if (!lock.path.known()) return;
    contract.lock = lock.path;
    if (lock.negated && contract.kind == Contract::Kind::Requires) contract.kind = Contract::Kind::Excludes;
    contracts_.all.push_back(std::move(contract));
  }
  /// Without arguments the attribute is about `*this`.
  void addSelf(Contract contract) {
    const auto* method = dyn_cast<clang::CXXMethodDecl>(function_);
    if (!method || method->isStatic()) return;
    Path self;
    self.root.kind = RootKind::This;
    add(std::move(contract), {self, false});
  }
  static LockMode mode(bool isShared) { return isShared ? LockMode::Shared : LockMode::Exclusive; }
  bool succeedsOn(const clang::Expr* value) const {
    bool result = true;
    const clang::ASTContext& ast = function_->getASTContext();
    return value->isValueDependent() || !value->EvaluateAsBooleanCondition(result, ast) || result;
  }

  const clang::FunctionDecl* function_;
  LockNames names_;
  Contracts contracts_;
};

void ContractReader::read(const clang::Attr* attribute) {
  using Kind = Contract::Kind;
  if (isa<clang::NoThreadSafetyAnalysisAttr>(attribute)) {
    contracts_.unchecked = true;
  } else if (const auto* a = dyn_cast<clang::RequiresCapabilityAttr>(attribute)) {
    if (a->args_size() > 0) add({.kind = Kind::Requires, .mode = mode(a->isShared())}, a);
  } else if (const auto* a = dyn_cast<clang::LocksExcludedAttr>(attribute)) {
    if (a->args_size() > 0) add({.kind = Kind::Excludes}, a);
  } else if (const auto* a = dyn_cast<clang::AcquireCapabilityAttr>(attribute)) {
    add({.kind = Kind::Acquires, .mode = mode(a->isShared())}, a);
  } else if (const auto* a = dyn_cast<clang::ReleaseCapabilityAttr>(attribute)) {
    add({.kind = Kind::Releases, .mode = mode(a->isShared()), .anyMode = a->isGeneric()}, a);
  } else if (const auto* a = dyn_cast<clang::TryAcquireCapabilityAttr>(attribute)) {
    add({.kind = Kind::Tries, .mode = mode(a->isShared()), .success = succeedsOn(a->getSuccessValue())}, a);
  } else if (const auto* a = dyn_cast<clang::ExclusiveTrylockFunctionAttr>(attribute)) {
    add({.kind = Kind::Tries, .success = succeedsOn(a->getSuccessValue())}, a);
  } else if (const auto* a = dyn_cast<clang::SharedTrylockFunctionAttr>(attribute)) {
    add({.kind = Kind::Tries, .mode = LockMode::Shared, .success = succeedsOn(a->getSuccessValue())}, a);
  } else if (const auto* a = dyn_cast<clang::AssertCapabilityAttr>(attribute)) {
    add({.kind = Kind::Asserts, .mode = mode(a->isShared())}, a);
  } else if (const auto* a = dyn_cast<clang::AssertExclusiveLockAttr>(attribute)) {
    add({.kind = Kind::Asserts}, a);
  } else if (const auto* a = dyn_cast<clang::AssertSharedLockAttr>(attribute)) {
    add({.kind = Kind::Asserts, .mode = LockMode::Shared}, a);
  } else if (const auto* a = dyn_cast<clang::LockReturnedAttr>(attribute)) {
    add({.kind = Kind::Returns}, names_.name(a->getArg()));
  }
}

bool isScopedLock(const clang::FunctionDecl* function) {
  const auto* method = dyn_cast<clang::CXXMethodDecl>(function);
  return method && method->getParent()->hasAttr<clang::ScopedLockableAttr>();
}

Value addressOfLock(const Path& lock) {
  return lock.steps.empty() || lock.steps.back().kind != PathStep::Kind::Deref
             ? Value::addressOf(lock)
             : [&] {
                 Path pointer = lock;
                 pointer.steps.pop_back();
                 return Value::load(pointer);
               }();
}

/// The events of one declared function.
class DeclaredEvents {
 public:
  DeclaredEvents(TuContext& tu, const clang::FunctionDecl* declaration, Function& out)
      : declaration_(declaration), out_(out), location_(tu.location(declaration->getLocation())) {
    const auto* method = dyn_cast<clang::CXXMethodDecl>(declaration);
    if (method) type_ = tu.names.display(method->getParent());
  }

  void add() {
    for (const Contract& contract : out_.contracts.all) add(contract);
    // The end of a scoped lock gives back whatever it holds.
    if (isScopedLock(declaration_) && isa<clang::CXXDestructorDecl>(declaration_) && !releases_)
      release(guardLock("$lock"), LockHolder::Guard);
    divide();
  }

 private:
  void emit(EventKind what) { out_.blocks[0].events.push_back({location_, std::move(what)}); }

  /// A scoped lock names its lock through itself, as a guard of the library does.
  static Path guardLock(const std::string& field) {
    Path self;
    self.root.kind = RootKind::This;
    return std::move(self).then(PathStep::field("", field)).then(PathStep::deref());
  }

  void add(const Contract& contract) {
    const bool isSelf = contract.lock.root.kind == RootKind::This && contract.lock.steps.empty();
    const bool ofGuard = isScopedLock(declaration_);
    Path lock = contract.lock;
    if (ofGuard && isa<clang::CXXConstructorDecl>(declaration_)) {
      lock = guardLock("$lock");
      Path cell = lock;
      cell.steps.pop_back();
      emit(Assign{cell, addressOfLock(contract.lock)});
    } else if (ofGuard && isSelf) {
      lock = guardLock("$lock");
    }
    const LockHolder holder = ofGuard ? LockHolder::Guard : LockHolder::Hand;
    if (contract.kind == Contract::Kind::Acquires) {
      emit(acquire(lock, contract, holder));
    } else if (contract.kind == Contract::Kind::Releases) {
      release(lock, holder);
    } else if (contract.kind == Contract::Kind::Returns) {
      emit(Return{Value::addressOf(lock)});
    } else if (contract.kind == Contract::Kind::Tries) {
      tries_.push_back({location_, acquire(lock, contract, holder)});
      std::get<Acquire>(tries_.back().what).wait = LockWait::Try;
      success_ = contract.success;
    }
  }

  Acquire acquire(const Path& lock, const Contract& contract, LockHolder holder) const {
    Acquire event;
    event.lock = lock;
    event.mode = contract.mode;
    event.holder = holder;
    event.recursion = Recursion::Unknown;
    event.type = type_;
    return event;
  }

  /// Two ways out: with the locks, and without them.
  void divide() {
    if (tries_.empty()) return;
    out_.blocks[0].successors = {2, 3};
    for (const bool succeeded : {true, false}) {
      BasicBlock way;
      if (succeeded) way.events = tries_;
      Return event{Value::constant()};
      event.truth = succeeded == success_ ? Return::Truth::True : Return::Truth::False;
      way.events.push_back({location_, std::move(event)});
      way.successors = {1};
      out_.blocks.push_back(std::move(way));
    }
  }

  void release(const Path& lock, LockHolder holder) {
    releases_ = true;
    emit(Release{lock, LockMode::Exclusive, holder});
  }

  const clang::FunctionDecl* declaration_;
  Function& out_;
  Location location_;
  std::string type_;
  bool releases_ = false;
  std::vector<Event> tries_;
  bool success_ = true;
};

}  // namespace

Contracts contractsOf(TuContext& tu, const clang::FunctionDecl* function) {
  return hasContracts(function) ? ContractReader(tu, function).read() : Contracts{};
}

std::vector<Guard> guardsOf(TuContext& tu, const clang::ValueDecl* variable) {
  std::vector<Guard> guards;
  if (!variable->hasAttrs()) return guards;
  LockNames names(tu, nullptr);
  auto add = [&](Guard::Of of, const clang::Expr* lock) {
    if (Path path = names.name(lock).path; path.known()) guards.push_back({of, std::move(path)});
  };
  for (const auto* attribute : variable->specific_attrs<clang::GuardedByAttr>())
    add(Guard::Of::Value, attribute->getArg());
  for (const auto* attribute : variable->specific_attrs<clang::PtGuardedByAttr>())
    add(Guard::Of::Pointee, attribute->getArg());
  if (variable->hasAttr<clang::GuardedVarAttr>()) guards.push_back({Guard::Of::Value, {}});
  if (variable->hasAttr<clang::PtGuardedVarAttr>()) guards.push_back({Guard::Of::Pointee, {}});
  return guards;
}

LockOrderPromise orderOf(TuContext& tu, const clang::ValueDecl* lock) {
  LockOrderPromise order;
  if (!lock->hasAttrs()) return order;
  LockNames names(tu, nullptr);
  auto add = [&](std::vector<Path>& paths, const clang::Expr* other) {
    if (Path path = names.name(other).path; path.known()) paths.push_back(std::move(path));
  };
  for (const auto* attribute : lock->specific_attrs<clang::AcquiredBeforeAttr>())
    for (const clang::Expr* other : attribute->args()) add(order.before, other);
  for (const auto* attribute : lock->specific_attrs<clang::AcquiredAfterAttr>())
    for (const clang::Expr* other : attribute->args()) add(order.after, other);
  return order;
}

bool hasContracts(const clang::FunctionDecl* function) {
  if (isScopedLock(function) && isa<clang::CXXDestructorDecl>(function)) return true;
  if (!function->hasAttrs()) return false;
  for (const clang::Attr* attribute : function->attrs())
    if (isa<clang::NoThreadSafetyAnalysisAttr, clang::RequiresCapabilityAttr, clang::LocksExcludedAttr,
            clang::AcquireCapabilityAttr, clang::ReleaseCapabilityAttr, clang::TryAcquireCapabilityAttr,
            clang::ExclusiveTrylockFunctionAttr, clang::SharedTrylockFunctionAttr, clang::AssertCapabilityAttr,
            clang::AssertExclusiveLockAttr, clang::AssertSharedLockAttr, clang::LockReturnedAttr>(attribute))
      return true;
  return false;
}

void addDeclaredEvents(TuContext& tu, const clang::FunctionDecl* declaration, Function& out) {
  out.isDeclaration = true;
  out.blocks.resize(2);
  out.blocks[0].successors = {1};
  out.exit = 1;
  DeclaredEvents(tu, declaration, out).add();
}

}  // namespace deadheat
