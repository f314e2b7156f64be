#include "analyzers/extract/collect.h"

#include <algorithm>

#include "analyzers/extract/cfg_walk.h"
#include "analyzers/extract/contracts.h"
#include "analyzers/extract/emitter.h"
#include "clang/AST/DeclTemplate.h"

namespace deadheat {
namespace {

using llvm::dyn_cast;
using llvm::isa;

/// Walks the declarations outside system headers.
class Collector {
 public:
  explicit Collector(TuContext& tu) : tu_(tu), initialisers_(tu, nullptr) {}

  void collect();

 private:
  void walk(const clang::DeclContext* context);
  void visit(const clang::Decl* decl);
  void visitRecord(const clang::RecordDecl* record);
  void visitVariable(const clang::VarDecl* variable);
  void addFunction(const clang::FunctionDecl* decl);
  void addRecord(const clang::RecordDecl* record);
  void addGlobals();
  void addGlobal(const clang::VarDecl* variable);
  Record::Field::Kind fieldKind(clang::QualType type);
  void finish();

  TuContext& tu_;
  FunctionScope initialisers_;
  Function globalInit_;
  std::vector<std::pair<const clang::FunctionDecl*, std::size_t>> added_;
};

void Collector::walk(const clang::DeclContext* context) {
  for (const clang::Decl* decl : context->decls()) visit(decl);
}

void Collector::visit(const clang::Decl* decl) {
  if (decl->isInvalidDecl()) return;
  const bool isContainer = isa<clang::NamespaceDecl, clang::LinkageSpecDecl, clang::ExportDecl>(decl);
  if (tu_.library.inSystemHeader(decl) && !(isContainer && decl->getLocation().isInvalid())) return;
  if (isContainer) return walk(llvm::cast<clang::DeclContext>(decl));
  if (const auto* generic = dyn_cast<clang::FunctionTemplateDecl>(decl)) {
    for (const clang::FunctionDecl* instance : generic->specializations()) tu_.want(instance);
  } else if (const auto* function = dyn_cast<clang::FunctionDecl>(decl)) {
    tu_.want(function);
  } else if (const auto* generic = dyn_cast<clang::ClassTemplateDecl>(decl)) {
    for (const clang::ClassTemplateSpecializationDecl* instance : generic->specializations()) visitRecord(instance);
    visitRecord(generic->getTemplatedDecl());
  } else if (const auto* record = dyn_cast<clang::RecordDecl>(decl)) {
    visitRecord(record);
  } else if (const auto* generic = dyn_cast<clang::VarTemplateDecl>(decl)) {
    for (const clang::VarDecl* instance : generic->specializations()) visitVariable(instance);
  } else if (const auto* variable = dyn_cast<clang::VarDecl>(decl)) {
    visitVariable(variable);
  } else if (const auto* friendly = dyn_cast<clang::FriendDecl>(decl)) {
    // A befriended function may be defined here and nowhere else; befriended classes stand in their own namespace.
    const clang::NamedDecl* friendDecl = friendly->getFriendDecl();
    if (llvm::isa_and_nonnull<clang::FunctionDecl, clang::FunctionTemplateDecl>(friendDecl)) visit(friendDecl);
  }
}

void Collector::visitRecord(const clang::RecordDecl* record) {
  if (!record->isThisDeclarationADefinition() || record->isInvalidDecl()) return;
  const auto* type = dyn_cast<clang::CXXRecordDecl>(record);
  if (type && type->isLambda()) return;
  if (!record->isDependentContext()) addRecord(record);
  walk(record);
}

void Collector::visitVariable(const clang::VarDecl* variable) {
  if (variable->getType()->isDependentType() || variable->getDeclContext()->isDependentContext()) return;
  const clang::Expr* init = variable->getInit();
  if (!init || !variable->isThisDeclarationADefinition() || init->isValueDependent() || init->containsErrors()) return;
  clang::QualType type = tu_.ast.getBaseElementType(variable->getType().getNonReferenceType());
  const bool isScalar = !type->isRecordType() && !type->isAnyPointerType() && !type->isMemberPointerType();
  if (isScalar && !init->HasSideEffects(tu_.ast)) return;
  initialisers_.survey.construct(init, {.variable = variable});
  initialisers_.survey.look(init);
  if (globalInit_.blocks.empty()) globalInit_.blocks.resize(2);
  Emitter emitter(initialisers_, init, globalInit_.blocks[0].events);
  emitter.visitTree(init);
  emitter.initializeVariable(variable);
}

Record::Field::Kind Collector::fieldKind(clang::QualType type) {
  if (type->isAtomicType()) return Record::Field::Kind::Atomic;
  if (const TypeModel* model = tu_.library.typeOrBase(tu_.ast.getBaseElementType(type))) {
    switch (model->kind) {
      case TypeKind::Lock:
        return Record::Field::Kind::Lock;
      case TypeKind::Atomic:
        return Record::Field::Kind::Atomic;
      case TypeKind::Condition:
        return Record::Field::Kind::Condition;
      case TypeKind::Thread:
        return Record::Field::Kind::Thread;
      case TypeKind::Container:
        return Record::Field::Kind::Container;
      default:
        break;
    }
  }
  return type.isConstQualified() || type->isReferenceType() ? Record::Field::Kind::Const : Record::Field::Kind::Plain;
}

void Collector::addRecord(const clang::RecordDecl* record) {
  Record fact;
  fact.name = tu_.names.display(record);
  fact.location = tu_.location(record->getLocation());
  if (const auto* type = dyn_cast<clang::CXXRecordDecl>(record))
    for (const clang::CXXBaseSpecifier& base : type->bases())
      if (const clang::CXXRecordDecl* decl = base.getType()->getAsCXXRecordDecl())
        fact.bases.push_back(tu_.names.display(decl));
  fact.isUnion = record->isUnion();
  std::uint32_t bits = 0;
  bool inBits = false;
  for (const clang::FieldDecl* field : record->fields()) {
    // Neighbouring bit-fields share their memory up to a nameless one of width 0.
    const bool isBits = field->isBitField() && !field->isZeroLengthBitField(tu_.ast);
    if (isBits && !inBits) ++bits;
    inBits = isBits;
    if (field->getName().empty()) continue;
    fact.fields.push_back({field->getNameAsString(), tu_.names.type(field->getType()), fieldKind(field->getType()),
                           tu_.location(field->getLocation()), guardsOf(tu_, field), orderOf(tu_, field),
                           isBits ? bits : 0});
  }
  tu_.facts.records.push_back(std::move(fact));
}

void Collector::addGlobal(const clang::VarDecl* variable) {
  const Path path = tu_.globalPath(variable);
  const clang::VarDecl* definition = variable->getDefinition();
  if (!definition) definition = variable;
  GlobalVariable fact;
  fact.name = path.root.name;
  fact.display = path.root.display;
  fact.type = tu_.names.type(definition->getType());
  fact.isConst = definition->getType().isConstQualified();
  fact.isStaticLocal = definition->isStaticLocal();
  fact.location = tu_.location(definition->getLocation());
  fact.guards = guardsOf(tu_, definition->getMostRecentDecl());
  fact.order = orderOf(tu_, definition->getMostRecentDecl());
  tu_.facts.globals.push_back(std::move(fact));
}

/// In the order of their names: it shows in the table of files, which must not depend on addresses.
void Collector::addGlobals() {
  std::vector<std::pair<std::string, const clang::VarDecl*>> used;
  for (const clang::VarDecl* variable : tu_.usedGlobals())
    used.emplace_back(tu_.globalPath(variable).root.name, variable);
  std::sort(used.begin(), used.end());
  for (const auto& [name, variable] : used) addGlobal(variable);
}

void Collector::addFunction(const clang::FunctionDecl* decl) {
  Function function;
  function.contracts = contractsOf(tu_, decl);
  if (!decl->hasBody() || tu_.library.inSystemHeader(decl))
    addDeclaredEvents(tu_, decl, function);
  else if (!walkFunction(tu_, decl, function))
    return;
  function.id = tu_.names.functionId(decl);
  function.name = tu_.names.display(decl);
  function.startsThread = tu_.library.startsThread(decl);
  function.signature = tu_.names.canonicalType(decl->getType());
  function.linkage = decl->isExternallyVisible() ? Function::Linkage::External : Function::Linkage::Internal;
  function.location = tu_.location(decl->getLocation());
  const auto* prototype = decl->getType()->getAs<clang::FunctionProtoType>();
  // After an error an exception specification may be left unparsed or not worked out; then it says nothing.
  const bool saysThrows = prototype && prototype->getExceptionSpecType() != clang::EST_Unparsed &&
                          !clang::isUnresolvedExceptionSpec(prototype->getExceptionSpecType());
  function.isNoexcept = saysThrows && prototype->isNothrow();
  for (const clang::ParmVarDecl* parameter : decl->parameters())
    function.parameters.push_back({parameter->getNameAsString(), tu_.names.type(parameter->getType())});
  if (const auto* method = dyn_cast<clang::CXXMethodDecl>(decl)) {
    const bool isLambda = method->getParent()->isLambda();
    function.kind = isLambda                                ? Function::Kind::Lambda
                    : isa<clang::CXXConstructorDecl>(method) ? Function::Kind::Constructor
                    : isa<clang::CXXDestructorDecl>(method)  ? Function::Kind::Destructor
                                                             : Function::Kind::Method;
    if (!isLambda) function.record = tu_.names.display(method->getParent());
    function.isStatic = method->isStatic();
    function.isConst = method->isConst();
    function.isVirtual = method->isVirtual();
    function.reach = method->getAccess() == clang::AS_private     ? Function::Reach::Private
                     : method->getAccess() == clang::AS_protected ? Function::Reach::Protected
                                                                  : Function::Reach::Public;
    for (const clang::CXXMethodDecl* overridden : method->overridden_methods())
      function.overrides.push_back(tu_.names.functionId(overridden));
  }
  added_.emplace_back(decl, tu_.facts.functions.size());
  tu_.facts.functions.push_back(std::move(function));
}

void Collector::finish() {
  for (const auto& [decl, index] : added_) tu_.facts.functions[index].addressTaken = tu_.addressTaken(decl);
  if (!globalInit_.blocks.empty() && !globalInit_.blocks[0].events.empty()) {
    globalInit_.id = "$init:" + tu_.facts.mainFile;
    globalInit_.name = "initialisers of global variables";
    globalInit_.kind = Function::Kind::GlobalInit;
    globalInit_.linkage = Function::Linkage::Internal;
    globalInit_.blocks[0].successors = {1};
    globalInit_.exit = 1;
    globalInit_.location = globalInit_.blocks[0].events.front().location;
    tu_.facts.functions.push_back(std::move(globalInit_));
  }
  addGlobals();
  tu_.facts.usedModels = tu_.library.usedEntries();
  auto sortUnique = [](auto& items, auto key) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end(), [&](const auto& a, const auto& b) { return a.*key == b.*key; }),
                items.end());
  };
  sortUnique(tu_.facts.functions, &Function::id);
  sortUnique(tu_.facts.records, &Record::name);
  sortUnique(tu_.facts.globals, &GlobalVariable::name);
}

void Collector::collect() {
  walk(tu_.ast.getTranslationUnitDecl());
  for (const clang::LambdaExpr* lambda : initialisers_.survey.lambdas) tu_.want(lambda->getCallOperator());
  while (const clang::FunctionDecl* next = tu_.nextWanted()) addFunction(next);
  finish();
}

}  // namespace

void collectFacts(clang::Sema& sema, clang::ASTContext& ast, const ModelSet& models, TuFacts& facts) {
  TuContext tu(sema, ast, models, facts);
  Collector(tu).collect();
}

}  // namespace deadheat
