#include "runtime/schedule/left_frames.h"

namespace deadheat::rt {

void LeftFrames::add(const LeftFrame& left) {
  while (count != 0 && frames[count - 1].end <= left.end) --count;
  if (count < kMost) frames[count++] = left;
}

const LeftFrame* LeftFrames::at(Address address) const {
  for (std::uint32_t i = count; i-- != 0;)
    if (frames[i].end > address) return &frames[i];
  return nullptr;
}

}  // namespace deadheat::rt
