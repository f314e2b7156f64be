// Affine: a whole number as a sum, which is what indices and loop bounds are made of.
//
// `2*i+n*j-1` is a constant and terms, each a factor times a product of variables. As text it is canonical, so that
// equal sums are equal strings; facts keep sums as text (an element's index, a loop's bounds, a number passed to a
// call). What the variables are called is up to whoever makes the sum; docs/facts.md says how extraction names them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deadheat {

class Affine {
 public:
  /// Product of variables -> factor, never 0. The variables of a product are sorted and joined by `*`.
  using Terms = std::map<std::string, std::int64_t, std::less<>>;

  Affine() = default;
  static Affine number(std::int64_t value);
  /// `name` is not empty and has none of `+*,`; it does not start with a digit or `-`.
  static Affine variable(std::string_view name);
  /// What text() wrote, or nothing.
  static std::optional<Affine> parse(std::string_view text);

  std::int64_t constant() const { return constant_; }
  const Terms& terms() const { return terms_; }
  bool isNumber() const { return terms_.empty(); }
  std::string text() const;
  /// Every variable once, sorted.
  std::vector<std::string> variables() const;

  /// Nothing if a number leaves the range this is exact for, or a product has more than kMaxDegree variables.
  std::optional<Affine> plus(const Affine& other) const;
  std::optional<Affine> minus(const Affine& other) const;
  std::optional<Affine> times(const Affine& other) const;
  /// With every variable that `value` knows replaced; nothing as above.
  std::optional<Affine> replaced(const std::function<std::optional<Affine>(std::string_view)>& value) const;

  auto operator<=>(const Affine&) const = default;

  static constexpr std::size_t kMaxDegree = 3;
  static constexpr std::int64_t kMaxFactor = std::int64_t{1} << 40;

 private:
  bool add(const std::string& product, std::int64_t factor);
  bool addConstant(std::int64_t value);

  std::int64_t constant_ = 0;
  Terms terms_;
};

/// The variables of one product of a sum: `i*n` -> i, n.
std::vector<std::string_view> factorsOf(std::string_view product);

}  // namespace deadheat
