// The buffer is deleted while the thread still writes to it.
#include <thread>

struct Buffer {
  char data[16] = {};
};

void fill(Buffer* buffer) { buffer->data[0] = 'x'; }  // expect: data-race new

int main() {
  auto* buffer = new Buffer;
  std::thread writer(fill, buffer);
  delete buffer;
  writer.join();
  return 0;
}
