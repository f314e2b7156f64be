// The project's own mutex and its holder.
#include "mailbox.h"

void Mutex::acquire() { impl_.lock(); }

void Mutex::release() { impl_.unlock(); }

Holder::Holder(Mutex& mutex) : mutex_(mutex) { mutex_.acquire(); }

Holder::~Holder() { mutex_.release(); }
