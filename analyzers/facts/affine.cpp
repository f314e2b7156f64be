#include "analyzers/facts/affine.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace deadheat {
namespace {

bool inRange(std::int64_t value) { return value <= Affine::kMaxFactor && value >= -Affine::kMaxFactor; }

std::string joined(std::vector<std::string_view> factors) {
  std::sort(factors.begin(), factors.end());
  std::string text;
  for (std::string_view factor : factors) {
    if (!text.empty()) text += '*';
    text += factor;
  }
  return text;
}

std::optional<std::int64_t> numberIn(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !inRange(value)) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string_view> factorsOf(std::string_view product) {
  std::vector<std::string_view> factors;
  while (!product.empty()) {
    const std::size_t end = std::min(product.find('*'), product.size());
    factors.push_back(product.substr(0, end));
    product.remove_prefix(std::min(end + 1, product.size()));
  }
  return factors;
}

Affine Affine::number(std::int64_t value) {
  Affine out;
  out.constant_ = value;
  return out;
}

Affine Affine::variable(std::string_view name) {
  Affine out;
  out.terms_.emplace(std::string(name), 1);
  return out;
}

bool Affine::addConstant(std::int64_t value) {
  constant_ += value;
  return inRange(value) && inRange(constant_);
}

bool Affine::add(const std::string& product, std::int64_t factor) {
  if (!inRange(factor)) return false;
  std::int64_t& sum = terms_[product];
  sum += factor;
  const bool fits = inRange(sum);
  if (sum == 0) terms_.erase(product);
  return fits;
}

std::optional<Affine> Affine::parse(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Affine out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('+'), text.size());
    std::string_view term = text.substr(0, end);
    if (term.empty() || term.back() == '*' || end + 1 == text.size()) return std::nullopt;
    text.remove_prefix(std::min(end + 1, text.size()));
    std::vector<std::string_view> factors = factorsOf(term);
    std::int64_t factor = 1;
    const bool hasNumber = !factors.front().empty() && (factors.front().front() == '-' ||
                                                        (factors.front().front() >= '0' && factors.front().front() <= '9'));
    if (hasNumber) {
      auto value = numberIn(factors.front());
      if (!value) return std::nullopt;
      factor = *value;
      factors.erase(factors.begin());
    }
    if (factors.size() > kMaxDegree || std::any_of(factors.begin(), factors.end(), [](auto f) { return f.empty(); }))
      return std::nullopt;
    if (!(factors.empty() ? out.addConstant(factor) : out.add(joined(factors), factor))) return std::nullopt;
  }
  return out;
}

std::string Affine::text() const {
  std::string text;
  for (const auto& [product, factor] : terms_) {
    if (!text.empty()) text += '+';
    if (factor != 1) text += std::to_string(factor) + "*";
    text += product;
  }
  if (text.empty()) return std::to_string(constant_);
  return constant_ == 0 ? text : text + "+" + std::to_string(constant_);
}

std::vector<std::string> Affine::variables() const {
  std::set<std::string> all;
  for (const auto& [product, factor] : terms_)
    for (std::string_view name : factorsOf(product)) all.emplace(name);
  return {all.begin(), all.end()};
}

std::optional<Affine> Affine::plus(const Affine& other) const {
  Affine out = *this;
  if (!out.addConstant(other.constant_)) return std::nullopt;
  for (const auto& [product, factor] : other.terms_)
    if (!out.add(product, factor)) return std::nullopt;
  return out;
}

std::optional<Affine> Affine::minus(const Affine& other) const {
  const std::optional<Affine> negative = other.times(number(-1));
  return negative ? plus(*negative) : std::nullopt;
}

std::optional<Affine> Affine::times(const Affine& other) const {
  Affine out;
  auto addProduct = [&](std::string_view a, std::int64_t x, std::string_view b, std::int64_t y) {
    std::int64_t factor = 0;
    if (__builtin_mul_overflow(x, y, &factor)) return false;
    std::vector<std::string_view> factors = factorsOf(a);
    for (std::string_view f : factorsOf(b)) factors.push_back(f);
    if (factors.size() > kMaxDegree) return false;
    if (factor == 0) return true;
    return factors.empty() ? out.addConstant(factor) : out.add(joined(std::move(factors)), factor);
  };
  if (!addProduct({}, constant_, {}, other.constant_)) return std::nullopt;
  for (const auto& [a, x] : terms_)
    if (!addProduct(a, x, {}, other.constant_)) return std::nullopt;
  for (const auto& [b, y] : other.terms_)
    if (!addProduct({}, constant_, b, y)) return std::nullopt;
  for (const auto& [a, x] : terms_)
    for (const auto& [b, y] : other.terms_)
      if (!addProduct(a, x, b, y)) return std::nullopt;
  return out;
}

std::optional<Affine> Affine::replaced(
    const std::function<std::optional<Affine>(std::string_view)>& value) const {
  Affine out = number(constant_);
  for (const auto& [product, factor] : terms_) {
    std::optional<Affine> term = number(factor);
    for (std::string_view name : factorsOf(product)) {
      const std::optional<Affine> known = value(name);
      term = term->times(known ? *known : variable(name));
      if (!term) return std::nullopt;
    }
    const std::optional<Affine> sum = out.plus(*term);
    if (!sum) return std::nullopt;
    out = *sum;
  }
  return out;
}

}  // namespace deadheat
