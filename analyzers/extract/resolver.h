// Expressions -> paths and values. Pure: emits no events, so it may be asked at any time and in any order.
#pragma once

#include <set>

#include "analyzers/extract/function_scope.h"
#include "analyzers/facts/affine.h"
#include "analyzers/facts/value.h"

namespace deadheat {

/// What a call does once types have had their say: the model's effect, or what the receiver's type implies.
Effect effectOf(const CallShape& shape);

/// The expression whose value a statement expression has, or null.
const clang::Expr* lastOf(const clang::StmtExpr* block);

/// Names the memory and the values of one frame.
class Resolver {
 public:
  explicit Resolver(FunctionScope& scope) : scope_(scope), tu_(scope.tu) {}

  /// The memory a glvalue denotes, or where the object of a class prvalue lives. Unknown if it cannot be said.
  Path place(const clang::Expr* expression);
  /// What an expression evaluates to.
  Value value(const clang::Expr* expression);
  /// `expression` passed to something of type `target`: an address for references, a copy for classes.
  Value passed(const clang::Expr* expression, clang::QualType target);
  /// Where an object lives that `made` makes: the variable or member that it initialises, or a temporary.
  Path placeOfMade(const clang::Expr* made);
  /// The object whose elements a range or container has: itself, or what a view refers to.
  Path elementsOf(const clang::Expr* range);
  /// The object of a method call.
  Path receiver(const CallShape& shape);
  /// Argument `position` of a modelled call (kThis: the receiver) as an object: what a pointer points to, what a
  /// reference refers to, or the variable itself.
  Path object(const CallShape& shape, int position);
  /// What `pointer` points to.
  Path deref(const Value& pointer);
  /// The same, or the object itself when `expression` is not a pointer.
  Path pointee(const clang::Expr* expression);
  /// The variable a reference or the field at `path` stands for.
  Path referred(const clang::VarDecl* variable);
  /// Whether the reference `variable` names the element that it is bound to.
  bool callsElement(const clang::VarDecl* variable);
  /// The function an expression names directly, or null.
  const clang::FunctionDecl* namedFunction(const clang::Expr* expression);
  /// The function that the result of std::bind `call` is.
  FunctionId bindId(const clang::CallExpr* call);
  /// The number that `expression` is in `region`, as a sum of what is known: counters of loops, parameters, variables
  /// that stay as they are. A part that is not known is a variable `?line:column`. numbers.cpp. Requires regions.
  Affine number(const clang::Expr* expression, unsigned region);
  /// Numbers that `expression` is not above (or below): itself, or the arguments of a minimum (or maximum). Known ones.
  enum class Bound : std::uint8_t { Lower, Upper };
  std::vector<Affine> bounds(const clang::Expr* expression, unsigned region, Bound which, int depth = 0);
  /// Whether `copy` counts a loop around `region` that leaves it alone.
  bool counts(VariableCopy copy, unsigned region);
  /// The same as text. In a unit without OpenMP: a number, the name of a local variable or parameter that only the
  /// function itself changes, `:` and the name of any other variable, or empty.
  std::string indexText(const clang::Expr* index);
  /// The call operator of class `type` if it has exactly one.
  const clang::FunctionDecl* callOperator(clang::QualType type);

 private:
  Path placeOfCall(const clang::CallExpr* call);
  Path placeOfMember(const clang::MemberExpr* member);
  Path placeOfReference(const clang::DeclRefExpr* reference);
  Path placeOfBinding(const clang::BindingDecl* binding);
  Path placeByMemberPointer(const clang::BinaryOperator* access);
  Path placeOfSubscript(const clang::ArraySubscriptExpr* subscript);
  Path placeOfCast(const clang::CastExpr* cast);
  bool holdsLock(clang::QualType type);
  bool mayMove(const Path& bound) const;
  Path calledBy(const clang::VarDecl* variable, Path bound);
  Path destination(const Destination& where);
  Value valueOfCall(const clang::CallExpr* call);
  Value valueOfLibraryCall(const clang::CallExpr* call, const CallShape& shape);
  Value valueOfConstruct(const clang::CXXConstructExpr* construct);
  Value valueOfCast(const clang::CastExpr* cast);
  Value valueOfUnary(const clang::UnaryOperator* unary);
  /// Whether `offset` is that of a member in its class, by offsetof or by hand; outermost member first.
  bool memberOffset(const clang::Expr* offset, std::vector<const clang::FieldDecl*>& members);
  /// The object that `member` points to a member of.
  Value containerOf(const Value& member, llvm::ArrayRef<const clang::FieldDecl*> members);
  Value valueOfBinary(const clang::BinaryOperator* binary);
  Value valueOfThis();
  Path elements(const CallShape& shape, int position);
  /// What a view that is made from `expression` refers to.
  Value viewed(const clang::Expr* expression);
  /// What the call of a library function, or of one that is only declared, gives back a view of; Unknown if nothing
  /// says.
  Value viewOfCall(const clang::CallExpr* call, const CallShape& shape);
  const clang::Expr* boundForLife(const CallShape& shape);
  Value valueOfObject(const clang::Expr* object);
  Path moved(Path base, const clang::Expr* by, bool back);
  std::optional<Affine> linear(VariableCopy copy, unsigned region);
  Affine numberOfVariable(VariableCopy copy, const clang::Expr* at, unsigned region);
  Affine numberOfCall(const clang::CallExpr* call, unsigned region);
  Affine numberOfBinary(const clang::BinaryOperator* binary, unsigned region);
  Affine fixed(const std::string& text);
  Affine unknown(const clang::Expr* at);
  bool staysFixed(const Affine& number) const;

  FunctionScope& scope_;
  TuContext& tu_;
  llvm::SmallVector<const clang::VarDecl*, 4> binding_;  ///< References that are being followed.
  std::set<std::string> counters_;  ///< Names of loop counters met in numbers.
  int depth_ = 0;
};

}  // namespace deadheat
