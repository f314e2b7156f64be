// A geocoder answers each question by the promise that came with it, also where the answer is that there is no such city.
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
    answer.set_exception(std::make_exception_ptr(std::invalid_argument("no such city: " + city)));
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
