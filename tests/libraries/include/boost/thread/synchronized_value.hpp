// Shape of a value that carries its lock.
#pragma once
#include "boost/thread.hpp"
namespace boost {
template <class T> class strict_lock_ptr {
 public:
  strict_lock_ptr(strict_lock_ptr&&); ~strict_lock_ptr(); T* operator->(); T& operator*();
};
template <class T> class synchronized_value {
 public:
  synchronized_value(); strict_lock_ptr<T> operator->(); strict_lock_ptr<T> synchronize();
};
}  // namespace boost
