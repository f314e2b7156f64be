// verdict: confirmed
// shows: often
//
// A geocoder answers each question by the promise that came with it. For a city that it does not know it logs a line and
// returns, and whoever waits is told of a broken promise instead.
#include <cstdio>
#include <future>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

struct Place {
  double north = 0;
  double east = 0;
};

const std::map<std::string, Place> kAtlas = {{"Bergen", {60.4, 5.3}}, {"Lecce", {40.4, 18.2}}};

void locate(std::string city, std::promise<Place> answer) {
  auto found = kAtlas.find(city);
  if (found == kAtlas.end()) {
    std::fprintf(stderr, "no such city: %s\n", city.c_str());  // expect: promise-misuse answer
    return;
  }
  answer.set_value(found->second);
}

int ask(const std::string& city) {
  std::promise<Place> question;
  std::future<Place> answer = question.get_future();
  std::thread geocoder(locate, city, std::move(question));
  geocoder.join();
  try {
    std::printf("%s: %.1f north\n", city.c_str(), answer.get().north);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::printf("%s\n", error.what());
    return 0;
  } catch (const std::future_error& error) {
    std::printf("%s: %s\n", city.c_str(), error.what());
    return 1;
  }
}

int main() { return ask("Bergen") + ask("Atlantis"); }
