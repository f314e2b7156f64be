// Shape of folly's executors.
#pragma once
namespace folly {
template <class F> class Function;
template <class R> class Function<R()> { public: template <class F> Function(F) {} ~Function(); R operator()(); };
class CPUThreadPoolExecutor { public: explicit CPUThreadPoolExecutor(unsigned long); ~CPUThreadPoolExecutor(); void add(Function<void()>); void join(); };
}  // namespace folly
