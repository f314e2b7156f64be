// The project's own mutex and its holder.
#include "mailbox.h"

void Mutex::acquire() {
  impl_.lock();  // expect: double-lock Mutex::impl_
}

void Mutex::release() { impl_.unlock(); }

Holder::Holder(Mutex& mutex) : mutex_(mutex) {
  mutex_.acquire();  // allow: double-lock Mutex::impl_
}

Holder::~Holder() { mutex_.release(); }
