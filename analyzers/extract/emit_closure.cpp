// Closures: lambda expressions with their captures, and std::bind, which makes one.
#include "analyzers/extract/emitter.h"
#include "clang/AST/DeclTemplate.h"

namespace deadheat {

void Emitter::visitLambda(const clang::LambdaExpr* lambda) {
  const Path closure = resolver.place(lambda);
  for (auto [capture, init] : llvm::zip(lambda->captures(), lambda->capture_inits())) {
    if (!init) continue;
    const clang::SourceLocation at = capture.getLocation();
    if (capture.capturesThis()) {
      const Path field = closure.then(PathStep::field("", "this"));
      if (capture.getCaptureKind() == clang::LCK_StarThis)
        assign(at, field, Value::object(resolver.deref(resolver.value(init))));
      else
        assign(at, field, resolver.value(init));
      continue;
    }
    if (!capture.capturesVariable()) continue;
    const clang::ValueDecl* variable = capture.getCapturedVar();
    const Path field = closure.then(PathStep::field("", variable->getNameAsString()));
    if (capture.getCaptureKind() == clang::LCK_ByRef)
      assign(at, field, resolver.passed(init, tu.ast.getLValueReferenceType(init->getType())));
    else
      assign(at, field, resolver.value(init));
  }
}

namespace {

/// The parameter that placeholder `argument` (`std::placeholders::_1`) stands for, counted from 1; 0 for other things.
unsigned placeholder(const clang::Expr* argument) {
  const auto* record = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(
      argument->getType().getNonReferenceType()->getAsCXXRecordDecl());
  if (!record || !record->getName().contains("laceholder") || record->getTemplateArgs().size() != 1) return 0;
  const clang::TemplateArgument& number = record->getTemplateArgs()[0];
  return number.getKind() == clang::TemplateArgument::Integral
             ? static_cast<unsigned>(number.getAsIntegral().getZExtValue())
             : 0;
}

}  // namespace

Value Emitter::boundField(const clang::Expr* argument, std::size_t position) {
  Path path;
  if (const unsigned number = placeholder(argument)) {
    path.root = {RootKind::Parameter, number - 1, {}, "_" + std::to_string(number)};
    return Value::load(path);
  }
  path.root.kind = RootKind::This;
  path = std::move(path).then(PathStep::field("", "$" + std::to_string(position)));
  const Value held = resolver.value(argument);
  if (held.kind == Value::Kind::Constant || held.kind == Value::Kind::Function) return held;
  return held.kind == Value::Kind::Object ? Value::object(path, held.function) : Value::load(path);
}

void Emitter::addBoundCall(const clang::CallExpr* call, const CallShape& shape) {
  std::vector<Value> arguments;
  for (std::size_t i = 1; i < shape.arguments.size(); ++i) arguments.push_back(boundField(shape.arguments[i], i));
  Entry target = entryOfValue(shape.arguments[0], std::move(arguments));
  if (target.callee.kind == Callee::Kind::Indirect) {
    Path callable;
    callable.root.kind = RootKind::This;
    target.callee.target = Value::load(std::move(callable).then(PathStep::field("", "$callable")));
  } else if (target.receiver && target.receiver->kind == Value::Kind::Object &&
             target.receiver->path.root.kind != RootKind::This) {
    Path callable;
    callable.root.kind = RootKind::This;
    target.receiver = Value::addressOf(std::move(callable).then(PathStep::field("", "$callable")));
  }
  Call event;
  event.callee = std::move(target.callee);
  event.receiver = std::move(target.receiver);
  event.arguments = std::move(target.arguments);
  Function function;
  function.id = resolver.bindId(call);
  function.name = "std::bind(" + event.callee.name + ")";
  function.kind = Function::Kind::Lambda;
  function.linkage = Function::Linkage::Internal;
  function.location = tu.location(call->getBeginLoc());
  function.blocks.resize(2);
  function.blocks[0].events.push_back({function.location, std::move(event)});
  function.blocks[0].successors = {1};
  function.exit = 1;
  tu.facts.functions.push_back(std::move(function));
}

void Emitter::bindCall(const clang::CallExpr* call, const CallShape& shape) {
  if (shape.arguments.empty()) return;
  const Path closure = resolver.place(call);
  for (std::size_t i = 0; i < shape.arguments.size(); ++i)
    assign(call->getExprLoc(), closure.then(PathStep::field("", i == 0 ? "$callable" : "$" + std::to_string(i))),
           resolver.value(shape.arguments[i]));
  addBoundCall(call, shape);
}

}  // namespace deadheat
