// std::locale: counted inside libstdc++, which gives references back through these two functions, its own as well. Facets
// are counted too, and shared between locales, so one object stands for all.
#include "runtime/intercept/interceptor.h"
#include "runtime/intercept/owners.h"

namespace deadheat::rt {
namespace {

/// The part of std::locale::_Impl that counts.
struct LocaleBody {
  int references;
};

struct Locale {
  LocaleBody* body;
};

char allLocales;

}  // namespace
}  // namespace deadheat::rt

// std::locale::classic(): its body is nobody's, and not counted.
extern "C" const deadheat::rt::Locale* _ZNSt6locale7classicEv() __attribute__((weak));

namespace deadheat::rt {
namespace {

bool isCounted(const Locale* locale) {
  return _ZNSt6locale7classicEv != nullptr && locale->body != _ZNSt6locale7classicEv()->body;
}

}  // namespace
}  // namespace deadheat::rt

// std::locale::~locale()
DEADHEAT_INTERCEPT(void, _ZNSt6localeD1Ev, (Locale* locale)) {
  Thread* self = currentThread();
  if (self != nullptr && isCounted(locale) && gaveBack(self, addressOf(&allLocales), &locale->body->references)) return;
  real__ZNSt6localeD1Ev(locale);
}

// std::locale::operator=(const std::locale&)
DEADHEAT_INTERCEPT(deadheat::rt::Locale*, _ZNSt6localeaSERKS_, (Locale* locale, const Locale* other)) {
  Thread* self = currentThread();
  if (self == nullptr || !isCounted(locale)) return real__ZNSt6localeaSERKS_(locale, other);
  Locale before = *locale;
  __atomic_add_fetch(&before.body->references, 1, __ATOMIC_RELAXED);
  Locale* result = real__ZNSt6localeaSERKS_(locale, other);
  if (!gaveBack(self, addressOf(&allLocales), &before.body->references)) real__ZNSt6localeD1Ev(&before);
  return result;
}
