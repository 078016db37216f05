// What all pages have around them.
#pragma once

#include <string>

#include "pages/markup.hpp"
#include "pages/pages.hpp"

namespace cadence::pages {

enum class Place { Jobs, Repositories, Deliveries, Account, Elsewhere };

struct Frame {
  std::string title;
  Place place = Place::Elsewhere;
  bool is_live = false;  // the script keeps it up to date
};
std::string framed(const Setting& setting, const Frame& frame, const Markup& main);

// A place below the folder of the pages, fit for an attribute.
Markup way_to(const Setting& setting, const std::string& place);

}  // namespace cadence::pages
