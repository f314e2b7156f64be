// OpenMP: what a construct does where it ends, and the regions of the function as facts.
//
// Clang's control-flow graph has the body of a construct in line and the construct itself after it, so what happens on
// the way in (locks, private copies, which thread) is said by the regions, and what happens at the end by events here.
#include <algorithm>

#include "analyzers/extract/emitter.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

std::optional<Dependence::Kind> kindOf(clang::OpenMPDependClauseKind kind) {
  switch (kind) {
    case clang::OMPC_DEPEND_in:
      return Dependence::Kind::In;
    case clang::OMPC_DEPEND_out:
    case clang::OMPC_DEPEND_inout:
      return Dependence::Kind::Out;
    case clang::OMPC_DEPEND_mutexinoutset:
    case clang::OMPC_DEPEND_inoutset:
      return Dependence::Kind::Exclusive;
    default:
      return std::nullopt;
  }
}

std::string constructName(const clang::OMPExecutableDirective* directive) {
  return ("omp " + llvm::omp::getOpenMPDirectiveName(directive->getDirectiveKind())).str();
}

/// Whether the turns of a loop go to threads in a way that depends on their numbers only.
bool isFixedShare(const clang::OMPExecutableDirective* directive) {
  const auto* schedule = clauseOf<clang::OMPScheduleClause>(directive);
  return schedule && schedule->getScheduleKind() == clang::OMPC_SCHEDULE_static && !schedule->getChunkSize();
}

MemoryOrder orderOf(const clang::OMPExecutableDirective* directive) {
  if (clauseOf<clang::OMPSeqCstClause>(directive)) return MemoryOrder::SeqCst;
  if (clauseOf<clang::OMPAcqRelClause>(directive)) return MemoryOrder::AcqRel;
  if (clauseOf<clang::OMPReleaseClause>(directive)) return MemoryOrder::Release;
  if (clauseOf<clang::OMPAcquireClause>(directive)) return MemoryOrder::Acquire;
  return MemoryOrder::Relaxed;
}

}  // namespace

std::vector<Dependence> Emitter::dependencesOf(const clang::OMPExecutableDirective* directive) {
  std::vector<Dependence> all;
  for (const clang::OMPClause* clause : directive->clauses()) {
    const auto* depend = dyn_cast<clang::OMPDependClause>(clause);
    const auto kind = depend ? kindOf(depend->getDependencyKind()) : std::nullopt;
    if (!kind) continue;
    for (const clang::Expr* item : depend->varlists()) {
      const auto* section = dyn_cast<clang::ArraySectionExpr>(item->IgnoreParenImpCasts());
      Path object = resolver.place(section ? section->getBase() : item);
      if (section && section->getBase()->IgnoreParenImpCasts()->getType()->isPointerType())
        object = resolver.deref(resolver.value(section->getBase()));
      if (object.known()) all.push_back({*kind, std::move(object)});
    }
  }
  return all;
}

/// Marks an access that an atomic construct makes.
void Emitter::markAtomic(const clang::Expr* lvalue, Access& access) {
  const clang::OMPAtomicDirective* atomic = scope.regions ? scope.regions->atomicOf(lvalue) : nullptr;
  if (!atomic || !atomic->getX() || resolver.place(atomic->getX()) != access.path) return;
  access.atomicity = Atomicity::Atomic;
  access.order = orderOf(atomic);
}

void Emitter::sync(const clang::Stmt* at, Sync::Kind kind, unsigned about, std::vector<Dependence> dependences) {
  emit(at->getBeginLoc(), Sync{kind, about, std::move(dependences)});
}

/// What the end of a construct writes to variables outside: values of the last turn, sums of all threads.
void Emitter::writeBack(const clang::OMPExecutableDirective* directive) {
  const DataSharing* sharing = scope.regions->sharingOf.lookup(directive);
  if (!sharing || clang::isOpenMPParallelDirective(directive->getDirectiveKind())) return;
  for (const clang::Expr* item : sharing->writtenBack) {
    const bool isSum = std::find(sharing->added.begin(), sharing->added.end(), item) != sharing->added.end();
    const unsigned end = scope.regions->end.lookup(directive);
    const unsigned around = region;
    if (!isSum && end == 0) continue;
    if (!isSum) region = end;
    Access access;
    access.path = resolver.place(item);
    access.kind = isSum ? AccessKind::ReadWrite : AccessKind::Write;
    if (isSum) {
      access.atomicity = Atomicity::Atomic;
      access.order = MemoryOrder::Relaxed;
    }
    access.type = tu.names.type(item->getType().getUnqualifiedType());
    if (access.path.known() && scope.isShared(access.path)) emit(item->getExprLoc(), std::move(access));
    region = around;
  }
}

void Emitter::visitDirective(const clang::OMPExecutableDirective* directive) {
  if (!scope.regions) return;
  const llvm::omp::Directive kind = directive->getDirectiveKind();
  RegionSurvey& regions = *scope.regions;
  if (kind == llvm::omp::OMPD_barrier) return sync(directive, Sync::Kind::Barrier);
  if (kind == llvm::omp::OMPD_taskwait) return sync(directive, Sync::Kind::TaskWait, 0, dependencesOf(directive));
  if (kind == llvm::omp::OMPD_flush) {
    Access fence;
    fence.kind = AccessKind::ReadWrite;
    fence.atomicity = Atomicity::Atomic;
    fence.order = MemoryOrder::SeqCst;
    fence.operation = "fence";
    return emit(directive->getBeginLoc(), std::move(fence));
  }
  const unsigned first = regions.first.lookup(directive);
  if (first == 0) return;
  writeBack(directive);
  const bool isTask = kind == llvm::omp::OMPD_task || clang::isOpenMPTaskLoopDirective(kind);
  if (isTask) {
    const unsigned last = regions.last.lookup(directive);
    const unsigned task = regions.taskOf(last);
    const bool isDeferred = task != 0 && regions.node(task).directive == directive;
    for (const auto& [copy, start] : regions.initialised)
      if (copy.second == first) accessPath(directive->getBeginLoc(), scope.storage(start), AccessKind::Read, copy.first->getType());
    if (!isDeferred) return sync(directive, Sync::Kind::TaskWait, 0, dependencesOf(directive));
    sync(directive, Sync::Kind::TaskBegin, task);
    if (clang::isOpenMPTaskLoopDirective(kind) && !clauseOf<clang::OMPNogroupClause>(directive))
      sync(directive, Sync::Kind::TaskGroupEnd, task);
    if (!clang::isOpenMPParallelDirective(kind)) return;
  }
  if (kind == llvm::omp::OMPD_taskgroup) return sync(directive, Sync::Kind::TaskGroupEnd, first);
  const bool makesTeam = clang::isOpenMPParallelDirective(kind) || clang::isOpenMPTeamsDirective(kind);
  const bool meets = (clang::isOpenMPWorksharingDirective(kind) || kind == llvm::omp::OMPD_scope ||
                      clang::isOpenMPGenericLoopDirective(kind)) &&
                     !clauseOf<clang::OMPNowaitClause>(directive);
  if (makesTeam ? regions.teamOf(region) == 0 : meets) sync(directive, Sync::Kind::Barrier);
}

/// What the private copies of pointers and objects start with.
void Emitter::initializeCopies() {
  if (!scope.regions) return;
  for (const auto& [copy, start] : scope.regions->initialised) {
    const clang::QualType type = copy.first->getType();
    Path source = scope.storage(start);
    if (type->isReferenceType() && start.second == 0) source = std::move(source).then(PathStep::deref());
    if (!flows(type.getNonReferenceType())) continue;
    assign(copy.first->getLocation(), scope.storage(copy),
           type.getNonReferenceType()->isRecordType() ? Value::object(source) : Value::load(source));
  }
}

Range Emitter::rangeOf(const LoopShape& shape, const VariableCopy& copy, unsigned region) {
  auto texts = [](const std::vector<Affine>& numbers, std::int64_t more) {
    std::vector<std::string> out;
    for (const Affine& number : numbers)
      if (const auto sum = number.plus(Affine::number(more))) out.push_back(sum->text());
    return out;
  };
  const std::int64_t inside = shape.reachesBound ? 0 : shape.goesDown ? 1 : -1;
  Range range;
  range.variable = scope.storage(copy).root.name;
  range.lower = shape.goesDown ? texts(resolver.bounds(shape.bound, region, Resolver::Bound::Lower), inside)
                               : texts(resolver.bounds(shape.first, region, Resolver::Bound::Lower), 0);
  range.upper = shape.goesDown ? texts(resolver.bounds(shape.first, region, Resolver::Bound::Upper), 0)
                               : texts(resolver.bounds(shape.bound, region, Resolver::Bound::Upper), inside);
  range.step = shape.goesDown && shape.step != 1 ? 0 : static_cast<std::uint32_t>(shape.step);
  return range;
}

/// `left - right` against 0; empty if it is not known.
void Emitter::fillGuard(const RegionSurvey::Node& node, unsigned region, Region& out) {
  if (node.isFirstThread) {
    Affine thread = Affine::variable("$tid");
    const auto* filter = clauseOf<clang::OMPFilterClause>(node.directive);
    if (filter) thread = thread.minus(resolver.number(filter->getThreadID(), node.parent)).value_or(thread);
    out.condition = thread.text();
    return;
  }
  if (!node.left) return;
  Affine left = resolver.number(node.left, region);
  Affine right = node.right ? resolver.number(node.right, region) : Affine();
  const bool swapped = node.relation == clang::BO_LT || node.relation == clang::BO_LE;
  if (swapped) std::swap(left, right);
  std::optional<Affine> difference = left.minus(right);
  if (difference && (node.relation == clang::BO_LT || node.relation == clang::BO_GT))
    difference = difference->plus(Affine::number(-1));
  if (!difference || difference->isNumber()) return;
  for (const std::string& part : difference->variables())
    if (part[0] == '?') return;
  out.condition = difference->text();
  out.relation = node.relation == clang::BO_EQ   ? Region::Relation::Equal
                 : node.relation == clang::BO_NE ? Region::Relation::NotEqual
                                                 : Region::Relation::AtLeast;
}

Region Emitter::regionFact(const RegionSurvey::Node& node, unsigned number) {
  Region out;
  out.kind = node.kind;
  out.parent = node.parent;
  out.location = tu.location(node.statement->getBeginLoc());
  if (node.directive) out.name = constructName(node.directive);
  for (const auto& [shape, copy] : node.loops)
    if (resolver.counts(copy, number)) out.ranges.push_back(rangeOf(shape, copy, number));
  switch (node.kind) {
    case Region::Kind::Guard:
      fillGuard(node, number, out);
      break;
    case Region::Kind::Share:
      out.fixedShare = isFixedShare(node.directive);
      break;
    case Region::Kind::Loop:
      out.keepsStep = node.meets && !out.ranges.empty();
      if (node.waits) out.name = "wait";
      break;
    case Region::Kind::Single:
      out.repeats = clauseOf<clang::OMPNowaitClause>(node.directive) != nullptr;
      break;
    case Region::Kind::Task:
      out.dependences = dependencesOf(node.directive);
      break;
    case Region::Kind::Critical: {
      const auto* critical = llvm::cast<clang::OMPCriticalDirective>(node.directive);
      out.name = critical->getDirectiveName().getAsString();
      break;
    }
    case Region::Kind::Lanes: {
      const auto* length = clauseOf<clang::OMPSafelenClause>(node.directive);
      clang::Expr::EvalResult result;
      if (length && length->getSafelen()->EvaluateAsInt(result, tu.ast))
        out.distance = static_cast<std::uint32_t>(result.Val.getInt().getZExtValue());
      break;
    }
    default:
      break;
  }
  return out;
}

/// Regions that say nothing are left out, and what stands in them moves to the one around.
void Emitter::finishRegions(Function& function) {
  if (!scope.regions) return;
  const RegionSurvey& regions = *scope.regions;
  std::vector<std::uint32_t> renumbered(regions.nodes.size() + 1, 0);
  for (unsigned number = 1; number <= regions.nodes.size(); ++number) {
    Region fact = regionFact(regions.node(number), number);
    fact.parent = renumbered[fact.parent];
    const bool saysNothing = (fact.kind == Region::Kind::Guard && fact.condition.empty()) ||
                             (fact.kind == Region::Kind::Loop && fact.ranges.empty() && fact.name.empty());
    renumbered[number] = fact.parent;
    if (saysNothing) continue;
    function.regions.push_back(std::move(fact));
    renumbered[number] = static_cast<std::uint32_t>(function.regions.size());
  }
  for (BasicBlock& block : function.blocks) {
    for (Event& event : block.events) {
      event.region = renumbered[event.region];
      if (auto* meeting = std::get_if<Sync>(&event.what)) meeting->region = renumbered[meeting->region];
    }
  }
  for (const auto& [variable, region] : regions.declaredIn)
    if (renumbered[region] != 0) function.owned.push_back({scope.storage(variable).root.name, renumbered[region]});
  for (const VariableCopy& copy : regions.copies()) {
    // A combined construct makes several regions; the copy is of the innermost.
    const clang::OMPExecutableDirective* directive = regions.node(copy.second).directive;
    const unsigned home = std::max(copy.second, directive ? regions.last.lookup(directive) : 0);
    if (renumbered[home] != 0) function.owned.push_back({scope.storage(copy).root.name, renumbered[home]});
  }
  std::sort(function.owned.begin(), function.owned.end());
  function.owned.erase(std::unique(function.owned.begin(), function.owned.end()), function.owned.end());
}

}  // namespace deadheat
