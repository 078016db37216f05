#include "pages/frame.hpp"

namespace cadence::pages {
namespace {

Markup entry(const Setting& setting, const Frame& frame, Place place, const Markup& name, const std::string& where) {
  return "<li><a href=\"" + way_to(setting, where) + "\"" + when(frame.place == place, " aria-current=\"page\"") + ">" +
         name + "</a></li>\n";
}

Markup head(const Setting& setting, const Frame& frame) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<title>" +
         text(frame.title) + " – Cadence</title>\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"" +
         way_to(setting, "icon.svg") + "\">\n<link rel=\"stylesheet\" href=\"" + way_to(setting, "style.css") +
         "\">\n<script src=\"" + way_to(setting, "script.js") + "\" defer></script>\n</head>\n";
}

Markup navigation(const Setting& setting, const Frame& frame) {
  if (setting.is_by_link) return "<span class=\"brand\">Cadence</span>\n";
  Markup out = "<a class=\"brand\" href=\"" + way_to(setting, "") + "\">Cadence</a>\n<nav aria-label=\"Main\"><ul>\n" +
               entry(setting, frame, Place::Jobs, "Jobs", "") +
               entry(setting, frame, Place::Repositories, "Repositories", "repositories") +
               entry(setting, frame, Place::Deliveries, "Deliveries", "deliveries");
  if (setting.has_account) out += entry(setting, frame, Place::Account, "Account", "sign-in");
  return out + "</ul></nav>\n";
}

}  // namespace

Markup way_to(const Setting& setting, const std::string& place) {
  const auto way = setting.up + place;
  return text(way.empty() ? "./" : way);
}

std::string framed(const Setting& setting, const Frame& frame, const Markup& main) {
  const Markup page =
      head(setting, frame) +
      "<body class=\"pages\">\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header class=\"top\">\n" +
      navigation(setting, frame) + "</header>\n<main id=\"main\" tabindex=\"-1\"" + when(frame.is_live, " data-live") +
      ">\n" + main +
      "</main>\n<footer><p>Times are UTC. A finding is a reason to look, not a "
      "proof.</p></footer>\n</body>\n</html>\n";
  return page.html();
}

}  // namespace cadence::pages
