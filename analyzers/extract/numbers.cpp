// The numbers half of Resolver: what indices, bounds and numbers passed to calls are made of.
//
// Variables of a number, by their first character: a letter is a counter of a loop around or a local that stays as it
// is while the team runs; `%k` is parameter k; `$tid` and `$threads` are what OpenMP says; `:` a global variable; `{` an
// expression of such things that stays as it is; `?` cannot be said and is another value at each turn.
#include <algorithm>

#include "analyzers/extract/resolver.h"
#include "clang/AST/ExprCXX.h"

namespace deadheat {

using llvm::dyn_cast;
using llvm::isa;

namespace {

constexpr int kMaxDepth = 12;

std::string plain(std::string text) {
  for (char& c : text)
    if (c == '+' || c == '*' || c == ',') c = c == '+' ? '~' : '.';
  return text;
}

}  // namespace

Affine Resolver::unknown(const clang::Expr* at) { return Affine::variable("?" + tu_.position(at->getBeginLoc())); }

Affine Resolver::fixed(const std::string& text) { return Affine::variable(plain("{" + text)); }

/// Whether the number is the same for all threads while a team runs.
bool Resolver::staysFixed(const Affine& number) const {
  for (const std::string& name : number.variables())
    if (name[0] == '?' || name[0] == '%' || name == "$tid" || counters_.contains(name)) return false;
  return true;
}

/// Whether `copy` counts a loop around `region` that leaves it alone.
bool Resolver::counts(VariableCopy copy, unsigned region) {
  const RegionSurvey& regions = *scope_.regions;
  for (; region != 0; region = regions.node(region).parent) {
    for (const auto& [shape, counter] : regions.node(region).loops) {
      if (counter != copy) continue;
      auto assigned = regions.assignments.find(copy);
      return assigned == regions.assignments.end() ||
             std::none_of(assigned->second.begin(), assigned->second.end(),
                          [&](const auto& a) { return regions.isInside(a.region, region); });
    }
  }
  return false;
}

/// A variable of a linear clause: as far on as the loop is, before the body changes it.
std::optional<Affine> Resolver::linear(VariableCopy copy, unsigned region) {
  const RegionSurvey& regions = *scope_.regions;
  for (; region != 0; region = regions.node(region).parent) {
    const RegionSurvey::Node& node = regions.node(region);
    if (node.loops.size() != 1 || !node.directive || !regions.isInside(region, copy.second)) continue;
    for (const clang::OMPClause* clause : node.directive->clauses()) {
      const auto* list = dyn_cast<clang::OMPLinearClause>(clause);
      if (!list || std::none_of(list->varlist_begin(), list->varlist_end(),
                                [&](const clang::Expr* item) { return listedVariable(item) == copy.first; }))
        continue;
      clang::Expr::EvalResult step;
      const bool known = !list->getStep() || list->getStep()->EvaluateAsInt(step, tu_.ast);
      if (!known || node.loops[0].first.step != 1) return std::nullopt;
      const std::int64_t by = list->getStep() ? step.Val.getInt().getExtValue() : 1;
      const std::string counter = scope_.storage(node.loops[0].second).root.name;
      counters_.insert(counter);
      const auto turns = Affine::variable(counter).times(Affine::number(by));
      return turns ? turns->plus(fixed(copy.first->getNameAsString() + " at first")) : std::nullopt;
    }
  }
  return std::nullopt;
}

Affine Resolver::numberOfVariable(VariableCopy copy, const clang::Expr* at, unsigned region) {
  const RegionSurvey& regions = *scope_.regions;
  const std::string name = scope_.storage(copy).root.name;
  const clang::VarDecl* variable = copy.first;
  if (!variable->hasLocalStorage() && copy.second == 0) {
    if (variable->getTLSKind() != clang::VarDecl::TLS_None) return unknown(at);
    return Affine::variable(plain(":" + name));
  }
  if (counts(copy, region)) {
    counters_.insert(name);
    return Affine::variable(name);
  }
  auto found = regions.assignments.find(copy);
  const auto assigned = found == regions.assignments.end() ? llvm::ArrayRef<RegionSurvey::Assignment>()
                                                            : llvm::ArrayRef(found->second);
  const auto* parameter = dyn_cast<clang::ParmVarDecl>(variable);
  const bool isOwnParameter = parameter && copy.second == 0;
  if (variable->getType()->isReferenceType() && copy.second == 0) return unknown(at);
  const unsigned team = regions.teamOf(region);
  const bool stays = team != 0 && std::none_of(assigned.begin(), assigned.end(),
                                               [&](const auto& a) { return regions.isInside(a.region, team); });
  if (isOwnParameter && assigned.empty() && parameter->getDeclContext() == scope_.function)
    return Affine::variable("%" + std::to_string(parameter->getFunctionScopeIndex()));
  if (copy.second != 0)
    if (const std::optional<Affine> turn = linear(copy, region)) return *turn;
  if (assigned.empty() && copy.second != 0) {
    for (const auto& [own, start] : regions.initialised)
      if (own == copy) return numberOfVariable(start, at, regions.node(copy.second).parent);
  }
  if (assigned.size() == 1 && assigned[0].value && !isOwnParameter) {
    const Affine value = number(assigned[0].value, assigned[0].region);
    const std::vector<std::string> parts = value.variables();
    const bool known = std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part[0] == '?'; });
    if (known || !stays || regions.isInside(regions.declaredIn.lookup(variable), team)) return value;
  }
  const unsigned home = copy.second != 0 ? copy.second : regions.declaredIn.lookup(variable);
  return stays && !regions.isInside(home, team) ? Affine::variable(name) : unknown(at);
}

Affine Resolver::numberOfCall(const clang::CallExpr* call, unsigned region) {
  const clang::FunctionDecl* callee = call->getDirectCallee();
  if (!callee) return unknown(call);
  if (callee->getIdentifier()) {
    if (callee->getName() == "omp_get_thread_num") return Affine::variable("$tid");
    if (callee->getName() == "omp_get_num_threads" || callee->getName() == "omp_get_max_threads")
      return Affine::variable("$threads");
  }
  const auto* method = dyn_cast<clang::CXXMethodDecl>(callee);
  const auto* member = dyn_cast<clang::CXXMemberCallExpr>(call);
  if (!method || !method->isConst() || !member || call->getNumArgs() != 0) return unknown(call);
  const Path object = pointee(member->getImplicitObjectArgument());
  const bool isNamed = object.known() && std::none_of(object.steps.begin(), object.steps.end(), [](const PathStep& s) {
    return s.kind == PathStep::Kind::Element;
  });
  return isNamed ? fixed(object.text() + "." + callee->getNameAsString()) : unknown(call);
}

Affine Resolver::numberOfBinary(const clang::BinaryOperator* binary, unsigned region) {
  if (binary->getOpcode() == clang::BO_Comma) return number(binary->getRHS(), region);
  if (binary->isAssignmentOp()) return unknown(binary);
  const Affine left = number(binary->getLHS(), region);
  const Affine right = number(binary->getRHS(), region);
  switch (binary->getOpcode()) {
    case clang::BO_Add:
      return left.plus(right).value_or(unknown(binary));
    case clang::BO_Sub:
      return left.minus(right).value_or(unknown(binary));
    case clang::BO_Mul:
      return left.times(right).value_or(unknown(binary));
    case clang::BO_Shl:
      if (right.isNumber() && right.constant() >= 0 && right.constant() < 32)
        return left.times(Affine::number(std::int64_t{1} << right.constant())).value_or(unknown(binary));
      break;
    default:
      break;
  }
  return staysFixed(left) && staysFixed(right)
             ? fixed(left.text() + binary->getOpcodeStr().str() + right.text())
             : unknown(binary);
}

Affine Resolver::number(const clang::Expr* expression, unsigned region) {
  expression = expression->IgnoreParenCasts();
  if (const auto* full = dyn_cast<clang::FullExpr>(expression)) return number(full->getSubExpr(), region);
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(expression))
    return number(temporary->getSubExpr(), region);
  if (!expression->getType()->isIntegralOrEnumerationType()) return unknown(expression);
  clang::Expr::EvalResult result;
  if (!expression->isValueDependent() && expression->EvaluateAsInt(result, tu_.ast)) {
    const llvm::APSInt value = result.Val.getInt();
    if (value.getSignificantBits() <= 40) return Affine::number(value.getExtValue());
    return unknown(expression);
  }
  if (++depth_ > kMaxDepth) {
    --depth_;
    return unknown(expression);
  }
  const Affine value = [&]() -> Affine {
    if (const auto* reference = dyn_cast<clang::DeclRefExpr>(expression)) {
      const auto* variable = dyn_cast<clang::VarDecl>(reference->getDecl());
      if (!variable || scope_.capture(variable)) return variable ? fixed(variable->getNameAsString()) : unknown(expression);
      return numberOfVariable({variable->getCanonicalDecl(), scope_.regions->copyOf(reference)}, expression, region);
    }
    if (const auto* binary = dyn_cast<clang::BinaryOperator>(expression)) return numberOfBinary(binary, region);
    if (const auto* call = dyn_cast<clang::CallExpr>(expression)) return numberOfCall(call, region);
    if (const auto* unary = dyn_cast<clang::UnaryOperator>(expression)) {
      if (unary->getOpcode() == clang::UO_Plus) return number(unary->getSubExpr(), region);
      if (unary->getOpcode() == clang::UO_Minus)
        return number(unary->getSubExpr(), region).times(Affine::number(-1)).value_or(unknown(expression));
    }
    if (isa<clang::MemberExpr>(expression)) {
      const Path path = place(expression);
      const bool isNamed = path.known() && std::none_of(path.steps.begin(), path.steps.end(), [](const PathStep& s) {
        return s.kind == PathStep::Kind::Element;
      });
      if (isNamed) return fixed(path.text());
    }
    return unknown(expression);
  }();
  --depth_;
  return value;
}

/// The arguments of `a < b ? a : b` and the like, and of std::min and std::max, if it is the wanted one of the two.
static std::optional<std::pair<const clang::Expr*, const clang::Expr*>> extremum(const clang::Expr* expression,
                                                                              Resolver::Bound which,
                                                                              const clang::ASTContext& ast) {
  const bool wantsLeast = which == Resolver::Bound::Upper;
  if (const auto* call = dyn_cast<clang::CallExpr>(expression)) {
    const clang::FunctionDecl* callee = call->getDirectCallee();
    const bool isIt = callee && callee->getIdentifier() && callee->getName() == (wantsLeast ? "min" : "max");
    if (!isIt || call->getNumArgs() != 2) return std::nullopt;
    return std::pair(call->getArg(0), call->getArg(1));
  }
  const auto* choice = dyn_cast<clang::ConditionalOperator>(expression);
  const auto* test = choice ? dyn_cast<clang::BinaryOperator>(choice->getCond()->IgnoreParenImpCasts()) : nullptr;
  if (!test || !test->isRelationalOp()) return std::nullopt;
  auto same = [&](const clang::Expr* a, const clang::Expr* b) {
    llvm::FoldingSetNodeID x, y;
    a->IgnoreParenImpCasts()->Profile(x, ast, true);
    b->IgnoreParenImpCasts()->Profile(y, ast, true);
    return x == y;
  };
  const bool straight = same(test->getLHS(), choice->getTrueExpr()) && same(test->getRHS(), choice->getFalseExpr());
  const bool crossed = same(test->getRHS(), choice->getTrueExpr()) && same(test->getLHS(), choice->getFalseExpr());
  const bool isLess = test->getOpcode() == clang::BO_LT || test->getOpcode() == clang::BO_LE;
  if (!straight && !crossed) return std::nullopt;
  if ((isLess == straight) != wantsLeast) return std::nullopt;
  return std::pair<const clang::Expr*, const clang::Expr*>(choice->getTrueExpr(), choice->getFalseExpr());
}

std::vector<Affine> Resolver::bounds(const clang::Expr* expression, unsigned region, Bound which, int depth) {
  if (depth > kMaxDepth) return {};
  expression = expression->IgnoreParenCasts();
  if (const auto* full = dyn_cast<clang::FullExpr>(expression)) expression = full->getSubExpr()->IgnoreParenCasts();
  if (const auto* temporary = dyn_cast<clang::MaterializeTemporaryExpr>(expression))
    expression = temporary->getSubExpr()->IgnoreParenCasts();
  const Affine own = number(expression, region);
  const std::vector<std::string> parts = own.variables();
  if (std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part[0] == '?'; })) return {own};
  if (const auto arguments = extremum(expression, which, tu_.ast)) {
    std::vector<Affine> all = bounds(arguments->first, region, which, depth + 1);
    for (Affine& more : bounds(arguments->second, region, which, depth + 1)) all.push_back(std::move(more));
    return all;
  }
  const auto* reference = dyn_cast<clang::DeclRefExpr>(expression);
  const auto* variable = reference ? dyn_cast<clang::VarDecl>(reference->getDecl()) : nullptr;
  if (!variable) return {};
  auto assigned = scope_.regions->assignments.find({variable->getCanonicalDecl(), scope_.regions->copyOf(reference)});
  if (assigned == scope_.regions->assignments.end() || assigned->second.size() != 1 || !assigned->second[0].value)
    return {};
  return bounds(assigned->second[0].value, assigned->second[0].region, which, depth + 1);
}

}  // namespace deadheat
