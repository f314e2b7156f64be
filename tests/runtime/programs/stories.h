// A test program holds many stories; the first argument names the one to run.
#pragma once

#include <cstdio>
#include <cstring>

struct Story {
  const char* name;
  void (*run)();
};

template <std::size_t N>
int runStory(const Story (&stories)[N], int argc, char** argv) {
  for (const Story& story : stories) {
    if (argc < 2 || std::strcmp(story.name, argv[1]) != 0) continue;
    story.run();
    std::puts("finished");
    return 0;
  }
  std::puts("no such story");
  return 1;
}
