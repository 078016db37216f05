// How long one page takes, from bytes to result: page-bench [megabytes]. A synthetic page with the density of tags of a
// news site. Prints the fastest, the median and the slowest of its runs for each step, in milliseconds of processor
// time: one thread does it all, and what other processes take meanwhile is not counted.
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "analysis/web/analyse.hpp"

namespace {

namespace web = cadence::analysis::web;

// About half of it is text. The same bytes on every machine.
std::string make_page(std::size_t bytes) {
  const char* const kWords[] = {"river",  "mill", "the",     "however", "robust", "lamp", "of",
                                "planks", "and",  "journey", "window",  "always", "goat", "a"};
  std::uint32_t seed = 1;
  const auto next = [&](std::uint32_t below) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8U) % below;
  };
  std::string page =
      "<!doctype html><html lang=\"en\"><head><title>Bench</title><style>p{color:#000}</style></head><body><main "
      "class=\"content\">";
  while (page.size() < bytes) {
    page += "<div class=\"row col-" + std::to_string(next(12)) + "\" data-id=\"" + std::to_string(next(100000)) +
            "\"><h2>The old <em>mill</em></h2>";
    for (int i = 0; i < 3; ++i) {
      page += "<p style=\"margin:" + std::to_string(next(9)) + "px\">";
      for (std::uint32_t words = 40 + next(40); words > 0; --words)
        page += std::string(kWords[next(14)]) + (next(12) == 0 ? ". " : " ");
      page += "<a href=\"/page/" + std::to_string(next(100000)) + "\">read on</a></p>";
    }
    page += "<ul><li><img src=\"/i/" + std::to_string(next(1000)) +
            ".jpg\" alt=\"\"></li><li>item &amp; more</li></ul></div>\n";
  }
  return page + "</main></body></html>";
}

double processor_milliseconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

double milliseconds_of(auto work) {
  const double begun = processor_milliseconds();
  work();
  return processor_milliseconds() - begun;
}

void print(const char* step, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::printf("%-10s fastest %7.2f ms   median %7.2f ms   slowest %7.2f ms\n", step, times.front(),
              times[times.size() / 2], times.back());
}

}  // namespace

int main(int argc, char** argv) {
  const double megabytes = argc > 1 ? std::atof(argv[1]) : 1;
  const std::string html = make_page(static_cast<std::size_t>(megabytes * 1e6));
  std::vector<double> reading;
  std::vector<double> judging;
  std::vector<double> whole;
  web::WebResult result;
  for (int run = 0; run < 21; ++run) {
    web::Page page;
    const double read = milliseconds_of([&] {
      auto parsed = web::read_page(html);
      if (parsed) page = std::move(*parsed);
    });
    const double judged = milliseconds_of([&] { result = web::analyse(page, {}); });
    reading.push_back(read);
    judging.push_back(judged);
    whole.push_back(read + judged);
  }
  std::printf("page of %zu bytes, %lld bytes of text, %lld patterns\n", html.size(),
              static_cast<long long>(result.character_count), static_cast<long long>(result.pattern_count()));
  print("read", reading);
  print("judge", judging);
  print("whole", whole);
  return result.character_count > 0 ? 0 : 1;
}
