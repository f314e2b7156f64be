// A parsed translation unit -> its facts: every function with a body, the initialisers of global variables, classes and
// globals.
#pragma once

#include "analyzers/facts/tu_facts.h"
#include "analyzers/models/models.h"

namespace clang {
class ASTContext;
class Sema;
}  // namespace clang

namespace deadheat {

/// Adds to `facts` all that the translation unit in `ast` says outside system headers. Leaves the vectors sorted.
void collectFacts(clang::Sema& sema, clang::ASTContext& ast, const ModelSet& models, TuFacts& facts);

}  // namespace deadheat
