#include "analyzers/facts/path.h"

#include <utility>

#include "analyzers/facts/affine.h"

namespace deadheat {

Path Path::then(PathStep step) const& {
  Path longer = *this;
  return std::move(longer).then(std::move(step));
}

/// `step` after an offset: another element of the same array, or a part of the element it leads to.
bool Path::joinOffset(const PathStep& step) {
  if (steps.empty() || steps.back().record != PathStep::kOffset || steps.back().kind != PathStep::Kind::Element)
    return false;
  if (step.kind != PathStep::Kind::Element) {
    steps.back().record.clear();
    return false;
  }
  const std::optional<Affine> from = Affine::parse(steps.back().name), by = Affine::parse(step.name);
  const std::optional<Affine> sum = from && by ? from->plus(*by) : std::nullopt;
  steps.back() = step;
  steps.back().name = sum ? sum->text() : std::string();
  return true;
}

Path Path::settled() && {
  if (!steps.empty() && steps.back().kind == PathStep::Kind::Element) steps.back().record.clear();
  return std::move(*this);
}

Path Path::then(PathStep step) && {
  if (joinOffset(step)) return std::move(*this);
  if (steps.size() < kMaxPathSteps) {
    steps.push_back(std::move(step));
  } else {
    cut = true;
  }
  return std::move(*this);
}

std::string Path::shortText() const {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (step->kind != PathStep::Kind::Field) continue;
    if (step->name.starts_with('$') || step->isBack() || step->record.empty()) continue;
    return step->record + "::" + step->name;
  }
  return root.display.empty() ? root.name : root.display;
}

namespace {

/// `*p` when a dereference ends the path; `p->` and `p[` swallow it otherwise.
std::string appendStep(std::string text, const PathStep& step, bool afterDeref) {
  switch (step.kind) {
    case PathStep::Kind::Deref:
      return text;
    case PathStep::Kind::Field:
      if (step.isBack()) return "container_of(" + std::string(afterDeref ? "*" : "") + text + ")";
      return std::move(text) + (afterDeref || text == "this" ? "->" : ".") + step.name;
    case PathStep::Kind::Element:
      return std::move(text) + "[" + step.name + "]";
  }
  return text;
}

}  // namespace

std::string Path::text() const {
  if (!known()) return "?";
  std::string text = root.display.empty() ? root.name : root.display;
  bool afterDeref = false;
  for (const PathStep& step : steps) {
    if (step.kind == PathStep::Kind::Deref && afterDeref) text = "(*" + text + ")";
    text = appendStep(std::move(text), step, afterDeref);
    afterDeref = step.kind == PathStep::Kind::Deref;
  }
  if (afterDeref || (root.kind == RootKind::This && steps.empty())) text = "*" + text;
  return cut ? text + "..." : text;
}

}  // namespace deadheat
