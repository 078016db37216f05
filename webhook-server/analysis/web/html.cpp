#include "analysis/web/html.hpp"

#include <time.h>

#include <csetjmp>

namespace cadence::analysis::web {
namespace {

enum Outcome { Parsing = 0, TooLarge = 1, TooSlow = 2 };

// gumbo knows no failure, so its allocations are where a parse can be left: by a jump, over nothing but frames of C.
struct Parse {
  Arena& arena;
  double seconds_at_most;
  unsigned allocations = 0;
  std::jmp_buf way_out{};
};

double seconds_of_this_thread() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

void* allocate(void* data, std::size_t bytes) {
  auto& parse = *static_cast<Parse*>(data);
  if (++parse.allocations % 256 == 0 && seconds_of_this_thread() > parse.seconds_at_most)
    std::longjmp(parse.way_out, TooSlow);
  void* piece = parse.arena.allocate(bytes);
  if (piece == nullptr) std::longjmp(parse.way_out, TooLarge);
  return piece;
}

void release(void* data, void* piece) { static_cast<Parse*>(data)->arena.release(piece); }

base::Error refused(const std::string& why) {
  return {base::ErrorKind::Invalid, "Could not read the page: " + why + ". Analyse a simpler page"};
}

}  // namespace

base::Result<const GumboNode*> parse_html(std::string_view source, Arena& arena, const PageBounds& bounds) {
  Parse parse{arena, seconds_of_this_thread() + bounds.parse_seconds};
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = allocate;
  options.deallocator = release;
  options.userdata = &parse;
  options.max_errors = 0;
  switch (setjmp(parse.way_out)) {
    case Parsing:
      break;
    case TooSlow:
      return refused("elements nested by the thousand, or as many attributes of one, take longer than " +
                     std::to_string(static_cast<int>(bounds.parse_seconds)) + " s to parse");
    default:
      return refused("its markup takes more than " + std::to_string(bounds.tree_bytes) + " bytes of memory");
  }
  return static_cast<const GumboNode*>(gumbo_parse_with_options(&options, source.data(), source.size())->document);
}

}  // namespace cadence::analysis::web
