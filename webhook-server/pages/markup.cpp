#include "pages/markup.hpp"

#include "report/html.hpp"
#include "report/visible.hpp"

namespace cadence::pages {

Markup text(std::string_view words) {
  Markup markup;
  markup.html_ = report::escape(words);
  return markup;
}

Markup words_of(std::string_view stranger, std::size_t columns) {
  return "<bdi>" + text(report::cut(report::visible_line(stranger), columns)) + "</bdi>";
}

}  // namespace cadence::pages
