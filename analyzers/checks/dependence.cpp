#include "analyzers/checks/dependence.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include "analyzers/checks/dependence_search.h"

namespace deadheat {
namespace {

using Relation = Region::Relation;

constexpr int kMaxSplits = 10;
constexpr std::size_t kMaxRows = 160;
constexpr std::int64_t kMaxCoefficient = std::int64_t{1} << 45;

/// `factors . unknowns + constant`, at least 0 or equal to it.
struct Row {
  std::vector<std::int64_t> factors;
  std::int64_t constant = 0;
  auto operator<=>(const Row&) const = default;
};

/// Equations and inequalities over numbered unknowns.
class System {
 public:
  explicit System(const std::vector<Comparison>& comparisons) {
    for (const Comparison& c : comparisons)
      for (const auto& [product, factor] : c.sum.terms()) columns_.try_emplace(product, columns_.size());
    for (const Comparison& c : comparisons)
      (c.relation == Relation::Equal ? equations_ : inequalities_).push_back(row(c.sum));
  }

  /// Whether no whole numbers solve it. False is "not shown".
  bool isContradictory() {
    while (!equations_.empty()) {
      Row equation = std::move(equations_.back());
      equations_.pop_back();
      if (!normaliseEquation(equation)) return true;
      if (!eliminateBy(equation)) return contradiction_;
    }
    return eliminateAll();
  }

 private:
  Row row(const Affine& sum) const {
    Row out{std::vector<std::int64_t>(columns_.size(), 0), sum.constant()};
    for (const auto& [product, factor] : sum.terms()) out.factors[columns_.at(product)] = factor;
    return out;
  }

  static std::int64_t divisor(const Row& row) {
    std::int64_t d = 0;
    for (std::int64_t factor : row.factors) d = std::gcd(d, factor);
    return d;
  }

  /// The GCD test: false if no whole numbers solve the equation.
  static bool normaliseEquation(Row& equation) {
    const std::int64_t d = divisor(equation);
    if (d == 0) return equation.constant == 0;
    if (equation.constant % d != 0) return false;
    for (std::int64_t& factor : equation.factors) factor /= d;
    equation.constant /= d;
    return true;
  }

  /// Rounds towards the inside. False if it says that a negative number is at least 0.
  static bool tighten(Row& row) {
    const std::int64_t d = divisor(row);
    if (d == 0) return row.constant >= 0;
    for (std::int64_t& factor : row.factors) factor /= d;
    const std::int64_t quotient = row.constant / d;
    row.constant = row.constant % d < 0 ? quotient - 1 : quotient;
    return true;
  }

  /// x * a + y * b, or nothing when numbers get too large.
  static bool combine(const Row& a, std::int64_t x, const Row& b, std::int64_t y, Row& out) {
    out.factors.assign(a.factors.size(), 0);
    auto sum = [&](std::int64_t p, std::int64_t q, std::int64_t& to) {
      const __int128 value = static_cast<__int128>(p) * x + static_cast<__int128>(q) * y;
      to = static_cast<std::int64_t>(value);
      return value <= kMaxCoefficient && value >= -kMaxCoefficient;
    };
    for (std::size_t i = 0; i < a.factors.size(); ++i)
      if (!sum(a.factors[i], b.factors[i], out.factors[i])) return false;
    return sum(a.constant, b.constant, out.constant);
  }

  /// Puts what the equation says of one unknown into all other rows. False to stop: see contradiction_.
  bool eliminateBy(const Row& equation) {
    std::size_t column = equation.factors.size();
    for (std::size_t i = 0; i < equation.factors.size(); ++i)
      if (std::abs(equation.factors[i]) == 1) column = i;
    if (column == equation.factors.size()) {
      if (divisor(equation) == 0) return true;
      Row opposite = equation;
      for (std::int64_t& factor : opposite.factors) factor = -factor;
      opposite.constant = -opposite.constant;
      inequalities_.push_back(equation);
      inequalities_.push_back(std::move(opposite));
      return true;
    }
    const std::int64_t sign = equation.factors[column];
    for (auto* rows : {&equations_, &inequalities_}) {
      for (Row& row : *rows) {
        if (row.factors[column] == 0) continue;
        Row replaced;
        if (!combine(row, 1, equation, -row.factors[column] * sign, replaced)) return false;
        row = std::move(replaced);
      }
    }
    return true;
  }

  bool eliminateAll() {
    for (Row& row : inequalities_)
      if (!tighten(row)) return true;
    for (;;) {
      std::sort(inequalities_.begin(), inequalities_.end());
      inequalities_.erase(std::unique(inequalities_.begin(), inequalities_.end()), inequalities_.end());
      const std::optional<std::size_t> column = cheapest();
      if (!column) return false;
      if (!eliminate(*column)) return contradiction_;
    }
  }

  /// The unknown whose elimination makes the fewest rows.
  std::optional<std::size_t> cheapest() const {
    std::optional<std::size_t> best;
    std::size_t bestCost = 0;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      std::size_t lower = 0, upper = 0;
      for (const Row& row : inequalities_) (row.factors[column] > 0 ? lower : upper) += row.factors[column] != 0;
      if (lower + upper == 0) continue;
      const std::size_t cost = lower * upper;
      if (!best || cost < bestCost) {
        best = column;
        bestCost = cost;
      }
    }
    return best;
  }

  bool eliminate(std::size_t column) {
    std::vector<Row> lower, upper, rest;
    for (Row& row : inequalities_)
      (row.factors[column] == 0 ? rest : row.factors[column] > 0 ? lower : upper).push_back(std::move(row));
    if (rest.size() + lower.size() * upper.size() > kMaxRows) return false;
    for (const Row& low : lower) {
      for (const Row& high : upper) {
        Row sum;
        if (!combine(low, -high.factors[column], high, low.factors[column], sum)) return false;
        if (!tighten(sum)) {
          contradiction_ = true;
          return false;
        }
        if (divisor(sum) != 0) rest.push_back(std::move(sum));
      }
    }
    inequalities_ = std::move(rest);
    return true;
  }

  std::map<std::string, std::size_t> columns_;
  std::vector<Row> equations_, inequalities_;
  bool contradiction_ = false;
};

/// What is known of `x` is multiplied by `s` for each product `s*x` that occurs; strides are at least 1.
void multiplyOut(std::vector<Comparison>& comparisons) {
  std::map<std::string, std::set<std::string>, std::less<>> strides;  // By unknown.
  std::set<std::string> all;
  for (const Comparison& c : comparisons) {
    for (const auto& [product, factor] : c.sum.terms()) {
      const std::vector<std::string_view> names = factorsOf(product);
      if (names.size() < 2) continue;
      for (std::string_view name : names) {
        for (std::string_view stride : names) {
          if (stride == name || stride.find('\'') != std::string_view::npos) continue;
          strides[std::string(name)].emplace(stride);
          all.emplace(stride);
        }
      }
    }
  }
  const std::size_t known = comparisons.size();
  for (std::size_t i = 0; i < known; ++i) {
    std::set<std::string> by;
    for (const std::string& name : comparisons[i].sum.variables())
      if (auto found = strides.find(name); found != strides.end()) by.insert(found->second.begin(), found->second.end());
    for (const std::string& stride : by)
      if (const auto product = comparisons[i].sum.times(Affine::variable(stride)))
        comparisons.push_back({*product, comparisons[i].relation});
  }
  for (const std::string& stride : all)
    if (const auto positive = Affine::variable(stride).plus(Affine::number(-1)))
      comparisons.push_back({*positive, Relation::AtLeast});
}

Solution solveSplit(const std::vector<Comparison>& given) {
  std::vector<Comparison> comparisons = given;
  multiplyOut(comparisons);
  if (System(comparisons).isContradictory()) return Solution::None;
  return hasSolution(comparisons) ? Solution::Found : Solution::Possible;
}

Solution solveFrom(std::vector<Comparison> comparisons, std::size_t from, int splits) {
  for (std::size_t i = from; i < comparisons.size(); ++i) {
    if (comparisons[i].relation != Relation::NotEqual) continue;
    const Affine sum = comparisons[i].sum;
    if (splits == 0) {
      comparisons.erase(comparisons.begin() + static_cast<std::ptrdiff_t>(i--));
      continue;
    }
    Solution best = Solution::None;
    for (std::int64_t sign : {1, -1}) {
      const auto side = sum.times(Affine::number(sign));
      const auto strict = side ? side->plus(Affine::number(-1)) : std::nullopt;
      if (!strict) return Solution::Possible;
      comparisons[i] = {*strict, Relation::AtLeast};
      best = std::max(best, solveFrom(comparisons, i + 1, splits - 1));
      if (best == Solution::Found) return best;
    }
    return best;
  }
  return solveSplit(comparisons);
}

}  // namespace

Solution solve(const std::vector<Comparison>& comparisons) {
  std::vector<Comparison> known;
  for (const Comparison& c : comparisons) {
    const std::vector<std::string> names = c.sum.variables();
    if (std::none_of(names.begin(), names.end(), [](const auto& name) { return name.front() == '?'; }))
      known.push_back(c);
  }
  return solveFrom(std::move(known), 0, kMaxSplits);
}

}  // namespace deadheat
