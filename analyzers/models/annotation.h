// Models in the source: `__attribute__((annotate("deadheat: kind: task, start: lazy")))`, as the macros of
// deadheat/annotations.h write it. The text is an entry of a model file (docs/models.md) without its names.
#pragma once

#include "analyzers/models/models.h"

namespace deadheat {

/// What the text of an annotation begins with.
inline constexpr llvm::StringLiteral kAnnotation("deadheat:");

/// The model of the type or function called `name` that the annotation `text` gives. An error is one line.
llvm::Expected<TypeModel> annotatedType(llvm::StringRef text, llvm::StringRef name);
llvm::Expected<FunctionModel> annotatedFunction(llvm::StringRef text, llvm::StringRef name);

}  // namespace deadheat
