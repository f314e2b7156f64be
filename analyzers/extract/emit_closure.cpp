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

void Emitter::bindCall(const clang::CallExpr* call, const CallShape& shape) {
  if (shape.arguments.empty()) return;
  const Path closure = resolver.place(call);
  for (std::size_t i = 0; i < shape.arguments.size(); ++i)
    assign(call->getExprLoc(), closure.then(PathStep::field("", i == 0 ? "$callable" : "$" + std::to_string(i))),
           resolver.value(shape.arguments[i]));
}

}  // namespace deadheat
