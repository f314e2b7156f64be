// Memory paths: how a function names the memory it touches, relative to its own frame.
//
// A path is a root and the steps walked from it: `this->shards[i].mu` is {This, [Field shards, Element i, Field mu]},
// `p->next->value` with p a parameter is {Parameter 0, [Deref, Field next, Deref, Field value]}. A C++ reference is a
// pointer whose every use carries the Deref. Link time turns paths of a callee into paths of its caller by replacing
// roots with argument values, and compares them within and across threads.
//
// A closure is an object like any other: each capture is a field, so a lambda body reads a by-reference capture `x`
// as {This, [Field x, Deref]} and a captured `this` as {This, [Field this, Deref, ...]}.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace deadheat {

/// What kind of storage a path starts from.
enum class RootKind : std::uint8_t {
  Global,       ///< Variable with static storage: namespace scope, static member, static local. `name` is unique.
  ThreadLocal,  ///< Variable with thread storage; never shared through its own name.
  Parameter,    ///< Storage of parameter `index` (0-based, without `this`) of the function that holds the path.
  This,         ///< The object `*this` (already dereferenced), also of a closure.
  Local,        ///< Automatic variable or temporary; `name` is unique within its function.
  Allocation,   ///< Heap object made at one site; `name` is unique in the translation unit.
  Result,       ///< What a call returned; `name` is unique within the function.
  Unknown,      ///< Nothing is known; equal to no other path.
};

/// Where a path starts.
struct Root {
  RootKind kind = RootKind::Unknown;
  std::uint32_t index = 0;  ///< Parameter number; 0 otherwise.
  std::string name;         ///< Identity, see RootKind. Globals with internal linkage carry their file.
  std::string display;      ///< What a person calls it: `g_hits`, `this`, `queue`.

  /// The display name is not part of the identity.
  friend bool operator==(const Root& a, const Root& b) {
    return a.kind == b.kind && a.index == b.index && a.name == b.name;
  }
  friend std::strong_ordering operator<=>(const Root& a, const Root& b) {
    if (auto c = a.kind <=> b.kind; c != 0) return c;
    if (auto c = a.index <=> b.index; c != 0) return c;
    return a.name.compare(b.name) <=> 0;
  }
};

/// One step from an object to a part of it, or from a pointer to what it points to.
struct PathStep {
  enum class Kind : std::uint8_t { Field, Deref, Element };
  Kind kind = Kind::Deref;
  std::string name;    ///< Field: its name. Element: its index as an Affine (`3`, `2*i+1`), empty when unknown.
  std::string record;  ///< Field: qualified name of the class that declares it. Element: kOffset or empty.

  static constexpr char kBack = '^';  ///< Starts the name of a step back.
  bool isBack() const { return kind == Kind::Field && name.starts_with(kBack); }

  auto operator<=>(const PathStep&) const = default;

  static PathStep field(std::string record, std::string name) {
    return {Kind::Field, std::move(name), std::move(record)};
  }
  /// From a member to the object it is part of, as `container_of` does: undoes field(record, name).
  static PathStep back(std::string record, const std::string& name) { return field(std::move(record), kBack + name); }
  static PathStep deref() { return {}; }
  static PathStep element(std::string index = {}) { return {Kind::Element, std::move(index), {}}; }
  /// The element that pointer arithmetic leads to: an index after it counts from there, in the same array.
  static PathStep offset(std::string index) { return {Kind::Element, std::move(index), kOffset}; }
  static constexpr const char* kOffset = "+";
};

/// A root and the steps walked from it. Extraction cuts paths at kMaxPathSteps and then sets `cut`.
struct Path {
  Root root;
  std::vector<PathStep> steps;
  bool cut = false;  ///< Steps were dropped at the end: the path names some part of what it says.

  auto operator<=>(const Path&) const = default;
  bool known() const { return root.kind != RootKind::Unknown; }

  Path then(PathStep step) const&;
  Path then(PathStep step) &&;
  /// As the place itself rather than a pointer to it: an offset at the end is an element.
  Path settled() &&;
  /// `Account::balance`-like text for messages: the last field with its class, else the root's display name.
  std::string shortText() const;
  /// The whole path as C++ would write it: `this->shards[i].mu`, `*p`.
  std::string text() const;

 private:
  bool joinOffset(const PathStep& step);
};

inline constexpr std::size_t kMaxPathSteps = 12;

}  // namespace deadheat
