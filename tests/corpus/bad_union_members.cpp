// Two members of a union are one piece of memory.
#include <cstdint>
#include <thread>

union Sample {
  std::int32_t whole;
  float fraction;
};

Sample g_sample;

void measure() { g_sample.fraction = 0.5F; }  // expect: data-race Sample::fraction

int main() {
  std::thread meter(measure);
  g_sample.whole = 3;  // expect: data-race Sample::fraction
  meter.join();
  return g_sample.whole == 0 ? 1 : 0;
}
