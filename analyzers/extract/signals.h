// Signals: what the handlers that a function installs are for.
#pragma once

#include "analyzers/facts/event.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Expr.h"

namespace deadheat {

/// The member of `struct sigaction` that holds a handler.
bool isHandlerField(const clang::FieldDecl* field);

/// Who sends the signal with this number.
SignalSource sourceOfSignal(const clang::Expr* number, const clang::ASTContext& ast);

/// Who sends the signals that `handler` is for, an expression in `body` whose value is stored in a local
/// `struct sigaction`: told by the calls of sigaction that follow with this variable, up to the next handler in it.
SignalSource sourceOfSignals(const clang::Stmt* body, const clang::Expr* handler, const clang::ASTContext& ast);

}  // namespace deadheat
