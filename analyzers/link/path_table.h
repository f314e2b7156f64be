// PathTable: memory paths as small numbers. Link walks, compares and rewrites millions of paths, so each distinct one
// is stored once as a parent and a step; equality is equality of ids and a prefix is an ancestor.
//
// Roots gain what the facts language leaves to context: locals, allocations and results belong to a function, and two
// kinds exist only here. `Returned` is the fresh object a function hands to its caller; `Opaque` is a lock that a
// callee holds and its caller cannot name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/facts/path.h"
#include "analyzers/link/id_index.h"
#include "analyzers/link/ids.h"
#include "analyzers/link/symbols.h"
#include "llvm/ADT/DenseSet.h"

namespace deadheat {

enum class Storage : std::uint8_t {
  Unknown,
  Global,
  ThreadLocal,
  Parameter,
  This,
  Local,
  Allocation,
  Result,
  Returned,
  Opaque,
};

/// A member, whatever the object: class and name.
using FieldName = std::pair<Symbol, Symbol>;

/// One interned path: its last step, and its root's properties for quick tests.
struct PathNode {
  enum class Kind : std::uint8_t { Root, Field, Deref, Element, Cut };
  PathId parent = PathId::Unknown;  ///< Unknown for roots.
  PathId root = PathId::Unknown;
  Kind kind = Kind::Root;
  Storage storage = Storage::Unknown;         ///< Of the root.
  std::uint8_t depth = 0;                     ///< Steps from the root.
  std::uint8_t derefs = 0;                    ///< Of them, dereferences.
  std::uint32_t index = 0;                    ///< Root: parameter number, or for Opaque the hidden path.
  FunctionIndex owner = FunctionIndex::None;  ///< Root: the function whose local, allocation or result it is.
  Symbol name = Symbol::Empty;                ///< Root: identity. Field and element: name.
  Symbol record = Symbol::Empty;  ///< Root: display name. Field: declaring class. Element: PathStep::kOffset or empty.
  bool formal = false;            ///< Some index on the way is made of parameters.
};

/// Interns paths. Append-only; ids stay valid. All operations cost O(path length).
class PathTable {
 public:
  explicit PathTable(Symbols& symbols);

  /// Interns `path` as seen in `owner`.
  PathId intern(const Path& path, FunctionIndex owner);
  /// Interns a root. `name` is its identity, `display` what people call it.
  PathId root(Storage storage, FunctionIndex owner, Symbol name, Symbol display, std::uint32_t index = 0);
  /// From now on the field is the same as the object around it.
  void unify(Symbol record, Symbol field) { unified_.insert({raw(record), raw(field)}); }
  /// A lock that only the callee could name by `hidden`.
  PathId opaque(PathId hidden);

  PathId field(PathId base, Symbol record, Symbol name) { return step(base, PathNode::Kind::Field, name, record); }
  PathId deref(PathId base) { return step(base, PathNode::Kind::Deref, Symbol::Empty, Symbol::Empty); }
  PathId element(PathId base, Symbol index) { return step(base, PathNode::Kind::Element, index, Symbol::Empty); }
  /// An offset at the end turned into an element.
  PathId settled(PathId path);
  /// `path` with every index on the way that is made of parameters rewritten.
  PathId reindexed(PathId path, const std::function<Symbol(Symbol)>& index);
  /// `base` followed by the last step of `like`.
  PathId appendLast(PathId base, PathId like);
  /// `path` with its ancestor `prefix` replaced by `replacement`.
  PathId rebase(PathId path, PathId prefix, PathId replacement);

  const PathNode& operator[](PathId id) const { return nodes_[raw(id)]; }
  Storage storage(PathId id) const { return nodes_[raw(id)].storage; }
  bool isRoot(PathId id) const { return nodes_[raw(id)].kind == PathNode::Kind::Root; }
  bool hasPrefix(PathId path, PathId prefix) const;
  bool passes(PathId path, PathNode::Kind kind) const;
  /// How many pointers the path goes through.
  int derefs(PathId path) const { return nodes_[raw(path)].derefs; }
  /// The member that `path` is, or is an element of; {} if it is none.
  FieldName lastField(PathId path) const;
  /// The ids of root, root.step1, ... path itself.
  std::vector<PathId> prefixes(PathId path) const;

  /// Whether an element's index is a number, so that two different ones are different elements.
  bool isConstantIndex(Symbol index) const;

  /// Back to the facts form, for messages. Opaque roots show the path they hide.
  Path expand(PathId id) const;
  std::size_t size() const { return nodes_.size(); }

 private:
  PathId step(PathId base, PathNode::Kind kind, Symbol name, Symbol record);
  Symbol sum(Symbol a, Symbol b);

  Symbols& symbols_;
  const Symbol offset_;
  std::vector<PathNode> nodes_;
  IdIndex index_;
  llvm::DenseSet<std::pair<std::uint32_t, std::uint32_t>> unified_;  ///< Record and field.
};

/// Rewritten paths longer than this end in a Cut step, which names some part of what comes before it.
inline constexpr std::size_t kMaxLinkedSteps = 16;

}  // namespace deadheat
