// Puts protocol::kRuntimeMarker into the program, whatever the linker drops and strip takes away.
#include "runtime/protocol.h"

namespace deadheat::rt {

struct Marker {
  char text[sizeof(protocol::kRuntimeMarker)];
};

constexpr Marker makeMarker() {
  Marker marker{};
  for (unsigned i = 0; i < sizeof(marker.text); ++i) marker.text[i] = protocol::kRuntimeMarker[i];
  return marker;
}

__attribute__((used, retain)) extern constinit const Marker runtimeMarker = makeMarker();

}  // namespace deadheat::rt
