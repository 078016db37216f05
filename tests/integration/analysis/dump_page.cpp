// What the web analysis finds in pages, one line of JSON for each, for model_test.py: dump_page PROFILE FILE...
#include <fstream>
#include <iostream>
#include <iterator>

#include "analysis/web/analyse.hpp"
#include "analysis/web/result_json.hpp"

int main(int argc, char** argv) {
  using namespace cadence;
  if (argc < 2) {
    std::cerr << "usage: dump_page corrected|upstream FILE...\n";
    return 2;
  }
  analysis::web::Options options;
  options.profile =
      std::string(argv[1]) == "upstream" ? analysis::web::Profile::Upstream : analysis::web::Profile::Corrected;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const auto page = analysis::web::read_page(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!page) {
      std::cerr << "dump_page: " << argv[i] << ": " << page.error().message << "\n";
      return 1;
    }
    std::cout << json::dump(analysis::web::to_json(analysis::web::analyse(*page, options))) << "\n";
  }
}
