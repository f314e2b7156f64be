// The runtime's one function that an exception of the program passes with something left to do. In C, so that unwinding
// through it needs libgcc only and not the C++ library, which a C program does not have.

struct Then {
  void (*run)(void*);
  void* data;
};

static void runThen(struct Then* then) { then->run(then->data); }

/// Calls `routine`, and `then(data)` after it, however it is left.
void deadheat_call_and_then(void (*routine)(void), void (*then)(void*), void* data) {
  struct Then after __attribute__((cleanup(runThen), unused)) = {then, data};
  routine();
}
