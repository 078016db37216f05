#include "opinion/opinion.hpp"

namespace cadence::opinion {

std::string_view to_string(View view) {
  switch (view) {
    case View::LikelyGenerated:
      return "likely_generated";
    case View::Unclear:
      return "unclear";
    case View::LikelyHuman:
      return "likely_human";
  }
  return "unclear";
}

}  // namespace cadence::opinion
