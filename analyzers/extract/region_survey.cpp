#include "analyzers/extract/region_survey.h"

#include "clang/AST/ASTContext.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::dyn_cast_or_null;
using llvm::isa;

namespace {

/// More regions than this and the rest of the body counts as one.
constexpr std::size_t kMaxRegions = 4000;

llvm::StringRef nameOf(const clang::OMPExecutableDirective* directive) {
  return llvm::omp::getOpenMPDirectiveName(directive->getDirectiveKind());
}

bool isTasking(llvm::omp::Directive kind) {
  return kind == llvm::omp::OMPD_task || clang::isOpenMPTaskLoopDirective(kind);
}

/// Leaves the statements that only wrap another.
const clang::Stmt* unwrapped(const clang::Stmt* statement) {
  for (;;) {
    if (const auto* compound = dyn_cast_or_null<clang::CompoundStmt>(statement); compound && compound->size() == 1)
      statement = compound->body_front();
    else if (const auto* attributed = dyn_cast_or_null<clang::AttributedStmt>(statement))
      statement = attributed->getSubStmt();
    else if (const auto* canonical = dyn_cast_or_null<clang::OMPCanonicalLoop>(statement))
      statement = canonical->getLoopStmt();
    else
      return statement;
  }
}

/// Whether nothing after `statement` in its block runs.
bool jumps(const clang::Stmt* statement) {
  if (const auto* compound = dyn_cast_or_null<clang::CompoundStmt>(statement))
    return !compound->body_empty() && jumps(compound->body_back());
  return isa_and_nonnull<clang::ReturnStmt, clang::ContinueStmt, clang::BreakStmt, clang::GotoStmt>(statement);
}

bool isPlainInteger(const clang::Expr* expression) {
  const clang::QualType type = expression->IgnoreParenImpCasts()->getType();
  return type->isIntegerType() && !type->isBooleanType();
}

unsigned loopsOf(const clang::OMPExecutableDirective* directive) {
  const auto* loop = dyn_cast<clang::OMPLoopBasedDirective>(directive);
  unsigned count = loop ? loop->getLoopsNumber() : 1;
  const auto* ordered = clauseOf<clang::OMPOrderedClause>(directive);
  if (ordered && ordered->getNumForLoops()) {
    clang::Expr::EvalResult result;
    if (const auto* constant = dyn_cast<clang::ConstantExpr>(ordered->getNumForLoops()))
      count = std::max<unsigned>(count, static_cast<unsigned>(constant->getResultAsAPSInt().getZExtValue()));
  }
  return count;
}

}  // namespace

std::vector<VariableCopy> RegionSurvey::copies() const {
  std::vector<VariableCopy> all;
  for (const auto& [reference, region] : copies_)
    all.emplace_back(llvm::cast<clang::VarDecl>(reference->getDecl())->getCanonicalDecl(), region);
  for (const auto& [copy, start] : initialised) all.push_back(copy);
  return all;
}

bool RegionSurvey::isInside(unsigned region, unsigned outer) const {
  while (region > outer) region = node(region).parent;
  return region == outer;
}

unsigned RegionSurvey::teamOf(unsigned region) const {
  while (region != 0 && node(region).kind != Region::Kind::Team && node(region).kind != Region::Kind::League)
    region = node(region).parent;
  return region;
}

unsigned RegionSurvey::taskOf(unsigned region) const {
  while (region != 0 && node(region).kind != Region::Kind::Task) region = node(region).parent;
  return region;
}

unsigned RegionSurvey::add(Node node) {
  if (nodes.size() >= kMaxRegions && node.kind == Region::Kind::Guard) return node.parent;
  nodes.push_back(std::move(node));
  return static_cast<unsigned>(nodes.size());
}

bool RegionSurvey::isConstantly(const clang::Expr* condition, bool value) const {
  bool result = false;
  return condition && !condition->isValueDependent() && condition->EvaluateAsBooleanCondition(result, ast_) &&
         result == value;
}

// ---- Which copy of a variable a name means ----------------------------------------------------------------------------

VariableCopy RegionSurvey::copyIn(const clang::VarDecl* variable, const Environment& environment) {
  return {variable, environment.region};
}

/// Whether `variable` is shared by all threads in the innermost `depth` constructs: what a task goes by.
bool RegionSurvey::isShared(const clang::VarDecl* variable, std::size_t depth) const {
  if (!variable->hasLocalStorage()) return true;
  const unsigned declared = declaredIn.lookup(variable);
  for (std::size_t d = depth; d > 0; --d) {
    const Environment& environment = environments_[d - 1];
    if (declared != 0 && isInside(declared, environment.region)) return false;
    if (auto said = environment.sharing->said.find(variable); said != environment.sharing->said.end())
      return said->second == Sharing::Shared;
    if (environment.sharing->otherwise != Sharing::Shared) return false;
    if (clang::isOpenMPParallelDirective(environment.kind) || clang::isOpenMPTeamsDirective(environment.kind))
      return true;
  }
  return false;
}

VariableCopy RegionSurvey::resolve(const clang::VarDecl* variable, std::size_t depth, unsigned region) {
  variable = variable->getCanonicalDecl();
  const unsigned declared = declaredIn.lookup(variable);
  for (std::size_t d = depth; d > 0; --d) {
    const Environment& environment = environments_[d - 1];
    if (declared != 0 && isInside(declared, environment.region)) break;
    auto said = environment.sharing->said.find(variable);
    std::optional<Sharing> sharing;
    if (said != environment.sharing->said.end()) {
      sharing = said->second;
    } else if (variable->hasLocalStorage()) {
      const clang::QualType type = variable->getType().getNonReferenceType();
      if (environment.sharing->otherwise != Sharing::Shared) {
        sharing = environment.sharing->otherwise;
      } else if (isTasking(environment.kind)) {
        if (!isShared(variable, d - 1)) sharing = Sharing::FirstPrivate;
      } else if (clang::isOpenMPTargetExecutionDirective(environment.kind)) {
        if (type->isScalarType()) sharing = Sharing::FirstPrivate;
      }
    }
    if (!sharing || *sharing == Sharing::Shared) continue;
    const VariableCopy copy = copyIn(variable, environment);
    if (*sharing == Sharing::FirstPrivate && started_.insert({variable, environment.region}).second)
      initialised.emplace_back(copy, resolve(variable, d - 1, node(environment.region).parent));
    return copy;
  }
  return {variable, 0};
}

void RegionSurvey::noteReference(const clang::DeclRefExpr* reference, unsigned region) {
  const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
  if (!variable || region == 0) return;
  const VariableCopy copy = resolve(variable, environments_.size(), region);
  if (copy.second != 0) copies_[reference] = copy.second;
  if (!variable->hasLocalStorage()) return;
  const unsigned home = copy.second != 0 ? copy.second : declaredIn.lookup(copy.first);
  unsigned reached = region;
  while (reached != 0 && node(reached).kind != Region::Kind::Team && node(reached).kind != Region::Kind::League &&
         node(reached).kind != Region::Kind::Task && node(reached).kind != Region::Kind::Lanes)
    reached = node(reached).parent;
  if (reached != 0 && !isInside(home, reached)) shared.insert(copy.first);
}

void RegionSurvey::assign(const clang::Expr* target, const clang::Expr* value, unsigned region) {
  if (const clang::VarDecl* variable = namedVariable(target))
    assignments[resolve(variable, environments_.size(), region)].push_back({value, region});
}

void RegionSurvey::noteAssignments(const clang::Stmt* statement, unsigned region) {
  if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
    if (binary->getOpcode() == clang::BO_Assign) assign(binary->getLHS(), binary->getRHS(), region);
    if (binary->isCompoundAssignmentOp()) assign(binary->getLHS(), nullptr, region);
  } else if (const auto* unary = dyn_cast<clang::UnaryOperator>(statement)) {
    if (unary->isIncrementDecrementOp() || unary->getOpcode() == clang::UO_AddrOf)
      assign(unary->getSubExpr(), nullptr, region);
  } else if (const auto* call = dyn_cast<clang::CallExpr>(statement)) {
    const clang::FunctionDecl* callee = call->getDirectCallee();
    for (unsigned i = 0; callee && i < call->getNumArgs() && i < callee->getNumParams(); ++i) {
      const clang::QualType type = callee->getParamDecl(i)->getType();
      if (type->isLValueReferenceType() && !type->getPointeeType().isConstQualified())
        assign(call->getArg(i), nullptr, region);
    }
  } else if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
    for (const clang::Decl* decl : declaration->decls()) {
      const auto* variable = dyn_cast<clang::VarDecl>(decl);
      if (!variable || !variable->hasLocalStorage()) continue;
      if (region != 0) declaredIn[variable->getCanonicalDecl()] = region;
      if (variable->getInit()) assignments[{variable->getCanonicalDecl(), 0}].push_back({variable->getInit(), region});
      if (variable->getType()->isLValueReferenceType() && variable->getInit())
        assign(variable->getInit(), nullptr, region);
    }
  }
}

// ---- The walk ----------------------------------------------------------------------------------------------------------

void RegionSurvey::look(const clang::FunctionDecl* function) {
  walk(function->getBody(), 0);
}

void RegionSurvey::walkChildren(const clang::Stmt* statement, unsigned region) {
  if (const auto* lambda = dyn_cast<clang::LambdaExpr>(statement)) {
    for (auto [capture, init] : llvm::zip(lambda->captures(), lambda->capture_inits())) {
      if (init && capture.capturesVariable() && capture.getCaptureKind() == clang::LCK_ByRef)
        assign(init, nullptr, region);
      walk(init, region);
    }
    return;
  }
  for (const clang::Stmt* child : statement->children()) walk(child, region);
}

void RegionSurvey::walk(const clang::Stmt* statement, unsigned region) {
  if (!statement) return;
  regions_[statement] = region;
  if (atomic_) inAtomic_[statement] = atomic_;
  if (const auto* directive = dyn_cast<clang::OMPExecutableDirective>(statement)) return walkDirective(directive, region);
  if (const auto* captured = dyn_cast<clang::CapturedStmt>(statement)) return walk(captured->getCapturedStmt(), region);
  if (const auto* compound = dyn_cast<clang::CompoundStmt>(statement)) return walkCompound(compound, region);
  if (const auto* loop = dyn_cast<clang::ForStmt>(statement)) return walkFor(loop, region);
  if (isa<clang::WhileStmt, clang::DoStmt>(statement)) return walkWhile(statement, region);
  if (const auto* branch = dyn_cast<clang::IfStmt>(statement)) return walkIf(branch, region);
  if (const auto* reference = dyn_cast<clang::DeclRefExpr>(statement)) return noteReference(reference, region);
  if (const auto* choice = dyn_cast<clang::ConditionalOperator>(statement)) {
    walk(choice->getCond(), region);
    walk(choice->getTrueExpr(), addGuards(choice->getCond(), true, region));
    return walk(choice->getFalseExpr(), addGuards(choice->getCond(), false, region));
  }
  if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement); binary && binary->isLogicalOp()) {
    walk(binary->getLHS(), region);
    return walk(binary->getRHS(), addGuards(binary->getLHS(), binary->getOpcode() == clang::BO_LAnd, region));
  }
  noteAssignments(statement, region);
  walkChildren(statement, region);
}

void RegionSurvey::walkCompound(const clang::CompoundStmt* compound, unsigned region) {
  for (const clang::Stmt* child : compound->body()) {
    walk(child, region);
    const auto* branch = dyn_cast<clang::IfStmt>(child);
    if (branch && !branch->getElse() && jumps(branch->getThen())) region = addGuards(branch->getCond(), false, region);
  }
}

void RegionSurvey::walkIf(const clang::IfStmt* branch, unsigned region) {
  walk(branch->getInit(), region);
  walk(branch->getConditionVariableDeclStmt(), region);
  walk(branch->getCond(), region);
  walk(branch->getThen(), addGuards(branch->getCond(), true, region));
  walk(branch->getElse(), addGuards(branch->getCond(), false, region));
}

unsigned RegionSurvey::addGuards(const clang::Expr* condition, bool holds, unsigned region) {
  if (!condition) return region;
  condition = condition->IgnoreParenImpCasts();
  const auto* unary = dyn_cast<clang::UnaryOperator>(condition);
  if (unary && unary->getOpcode() == clang::UO_LNot) return addGuards(unary->getSubExpr(), !holds, region);
  Node guard;
  guard.parent = region;
  guard.statement = condition;
  if (const auto* binary = dyn_cast<clang::BinaryOperator>(condition)) {
    const bool both = (binary->getOpcode() == clang::BO_LAnd && holds) ||
                      (binary->getOpcode() == clang::BO_LOr && !holds);
    if (both) return addGuards(binary->getRHS(), holds, addGuards(binary->getLHS(), holds, region));
    if (!binary->isComparisonOp() || !isPlainInteger(binary->getLHS()) || !isPlainInteger(binary->getRHS()))
      return region;
    guard.left = binary->getLHS();
    guard.right = binary->getRHS();
    guard.relation = holds ? binary->getOpcode() : clang::BinaryOperator::negateComparisonOp(binary->getOpcode());
    return add(std::move(guard));
  }
  if (!isPlainInteger(condition) || !isa<clang::DeclRefExpr, clang::CallExpr>(condition)) return region;
  guard.left = condition;
  guard.relation = holds ? clang::BO_NE : clang::BO_EQ;
  return add(std::move(guard));
}

void RegionSurvey::walkFor(const clang::ForStmt* loop, unsigned region) {
  for (const clang::Stmt* part : {loop->getInit(), static_cast<const clang::Stmt*>(loop->getCond()),
                                  static_cast<const clang::Stmt*>(loop->getInc())})
    walk(part, region);
  const std::optional<LoopShape> shape = shapeOf(loop, ast_);
  if (!shape) return walk(loop->getBody(), region);
  Node node;
  node.kind = Region::Kind::Loop;
  node.parent = region;
  node.statement = loop;
  node.loops.emplace_back(*shape, resolve(shape->variable, environments_.size(), region));
  const unsigned inner = add(std::move(node));
  walk(loop->getBody(), inner);
  if (this->node(inner).meets) meetingLoops[loop] = inner;
}

void RegionSurvey::walkWhile(const clang::Stmt* loop, unsigned region) {
  Node node;
  node.kind = Region::Kind::Loop;
  node.parent = region;
  node.statement = loop;
  if (nodes.size() < kMaxRegions) region = add(std::move(node));
  walkChildren(loop, region);
}

// ---- OpenMP ------------------------------------------------------------------------------------------------------------

void RegionSurvey::noteMeeting(unsigned region) {
  for (; region != 0 && node(region).kind != Region::Kind::Team; region = node(region).parent)
    if (node(region).kind == Region::Kind::Loop) node(region).meets = true;
}

void RegionSurvey::noteWaiting(unsigned region) {
  for (; region != 0 && node(region).kind != Region::Kind::Team; region = node(region).parent)
    if (node(region).kind == Region::Kind::Loop && node(region).loops.empty()) node(region).waits = true;
}

unsigned RegionSurvey::addFor(const clang::OMPExecutableDirective* directive, unsigned region) {
  const llvm::omp::Directive kind = directive->getDirectiveKind();
  const llvm::StringRef name = nameOf(directive);
  const std::size_t before = nodes.size();
  auto push = [&](Region::Kind what) -> Node& {
    Node node;
    node.kind = what;
    node.parent = region;
    node.statement = node.directive = directive;
    nodes.push_back(std::move(node));
    region = static_cast<unsigned>(nodes.size());
    return nodes.back();
  };
  auto isOne = [&](const clang::Expr* count) {
    clang::Expr::EvalResult result;
    return count && !count->isValueDependent() && count->EvaluateAsInt(result, ast_) && result.Val.getInt() == 1;
  };
  const auto* condition = clauseOf<clang::OMPIfClause>(directive);
  const bool never = condition && isConstantly(condition->getCondition(), false);
  const auto* threads = clauseOf<clang::OMPNumThreadsClause>(directive);
  const auto* teams = clauseOf<clang::OMPNumTeamsClause>(directive);
  if (clang::isOpenMPTeamsDirective(kind) && !(teams && isOne(teams->getNumTeams()))) push(Region::Kind::League);
  if (clang::isOpenMPParallelDirective(kind) && !never && !(threads && isOne(threads->getNumThreads())))
    push(Region::Kind::Team);
  const bool isFirst = name.contains("master") || name.contains("masked");
  if (isFirst) push(Region::Kind::Guard).isFirstThread = true;
  if (clang::isOpenMPTaskLoopDirective(kind)) push(Region::Kind::Task);
  if (clang::isOpenMPLoopDirective(kind) || clang::isOpenMPGenericLoopDirective(kind))
    push(kind == llvm::omp::OMPD_simd ? Region::Kind::Lanes : Region::Kind::Share);
  if (kind == llvm::omp::OMPD_single) push(Region::Kind::Single);
  if (kind == llvm::omp::OMPD_critical) push(Region::Kind::Critical);
  if (kind == llvm::omp::OMPD_task && !never) push(Region::Kind::Task);
  if (kind == llvm::omp::OMPD_taskgroup) push(Region::Kind::TaskGroup);
  if (kind == llvm::omp::OMPD_ordered) push(Region::Kind::Ordered);
  if (nodes.size() == before) push(Region::Kind::Guard);
  first[directive] = static_cast<unsigned>(before + 1);
  return region;
}

void RegionSurvey::walkDirective(const clang::OMPExecutableDirective* directive, unsigned region) {
  for (const clang::Stmt* part : clang::OMPExecutableDirective::used_clauses_children(directive->clauses()))
    walk(part, region);
  const llvm::omp::Directive kind = directive->getDirectiveKind();
  if (kind == llvm::omp::OMPD_barrier) return noteMeeting(region);
  if (!directive->hasAssociatedStmt() || directive->isStandaloneDirective()) return;
  if (kind == llvm::omp::OMPD_critical || kind == llvm::omp::OMPD_atomic) noteWaiting(region);
  bodies.push_back(directive->getRawStmt());
  sharings_.push_back(std::make_unique<DataSharing>(directive));
  DataSharing& sharing = *sharings_.back();
  for (const clang::Expr* item : sharing.writtenBack) walk(item, region);
  sharingOf[directive] = &sharing;
  const unsigned inner = addFor(directive, region);
  last[directive] = inner;
  environments_.push_back({&sharing, first[directive], kind});
  if (const clang::OMPAtomicDirective* atomic = dyn_cast<clang::OMPAtomicDirective>(directive)) {
    const clang::OMPAtomicDirective* outer = std::exchange(atomic_, atomic);
    walk(directive->getRawStmt(), inner);
    atomic_ = outer;
  } else if (nameOf(directive).contains("sections")) {
    walkSections(directive->getRawStmt(), directive, inner);
  } else if (node(inner).kind == Region::Kind::Share || node(inner).kind == Region::Kind::Lanes) {
    walkShared(directive->getRawStmt(), inner, loopsOf(directive), sharing);
  } else {
    walk(directive->getRawStmt(), inner);
  }
  environments_.pop_back();
  if (clauseOf<clang::OMPLastprivateClause>(directive) && !clang::isOpenMPParallelDirective(kind)) {
    Node node;
    node.kind = Region::Kind::Section;
    node.parent = region;
    node.statement = node.directive = directive;
    end[directive] = add(std::move(node));
  }
  const bool meets = clang::isOpenMPWorksharingDirective(kind) && !clang::isOpenMPParallelDirective(kind) &&
                     !clauseOf<clang::OMPNowaitClause>(directive);
  if (meets) noteMeeting(region);
}

/// The loops that a directive shares out, `loops` of them one inside the other.
void RegionSurvey::walkShared(const clang::Stmt* body, unsigned region, unsigned loops, DataSharing& sharing) {
  for (; loops > 0; --loops) {
    const clang::Stmt* inner = unwrapped(body);
    const auto* loop = dyn_cast_or_null<clang::ForStmt>(inner);
    if (!loop) break;
    regions_[loop] = region;
    if (const std::optional<LoopShape> shape = shapeOf(loop, ast_)) {
      const clang::VarDecl* variable = shape->variable->getCanonicalDecl();
      if (!isa_and_nonnull<clang::DeclStmt>(loop->getInit())) sharing.said.try_emplace(variable, Sharing::Private);
      walk(loop->getInit(), region);
      node(region).loops.emplace_back(*shape, resolve(variable, environments_.size(), region));
    } else {
      walk(loop->getInit(), region);
    }
    walk(loop->getCond(), region);
    walk(loop->getInc(), region);
    body = loop->getBody();
  }
  for (const auto& [shape, copy] : node(region).loops) assignments.erase(copy);  // Only the headers so far.
  walk(body, region);
}

void RegionSurvey::walkSections(const clang::Stmt* body, const clang::OMPExecutableDirective* directive,
                                unsigned region) {
  const auto* compound = dyn_cast_or_null<clang::CompoundStmt>(body);
  if (!compound) return walk(body, region);
  regions_[compound] = region;
  for (const clang::Stmt* child : compound->body()) {
    const auto* section = dyn_cast<clang::OMPSectionDirective>(child);
    Node node;
    node.kind = Region::Kind::Section;
    node.parent = region;
    node.statement = child;
    node.directive = section ? section : directive;
    const unsigned inner = add(std::move(node));
    regions_[child] = region;
    if (section) bodies.push_back(section->getRawStmt());
    walk(section ? section->getRawStmt() : child, inner);
  }
}

}  // namespace deadheat
