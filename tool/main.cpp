// deadheat: the executable. commands/ has the command line.
#include <csignal>

#include "tool/commands/command.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return deadheat::runCommandLine(argc, argv);
}
