// What a target on the command line is: a folder, a repository's URL or a web page. Pure: looks at text only.
#pragma once

#include <string>

#include "base/result.hpp"
#include "config/analyze_line.hpp"

namespace cadence::analyze {

struct Target {
  bool is_website = false;
  bool is_folder = false;
  std::string location;  // a path (of a file: URL, too) or a URL
  std::string name;      // its last part, without .git
};

std::string last_part(std::string path);

// Without a scheme it is a folder. Repositories are git: and ssh: URLs, those whose path ends in .git, and OWNER/NAME
// on the large public forges; every other http: or https: URL is a page. `kind` overrules all of it.
base::Result<Target> target_of(const std::string& text, config::Kind kind);

}  // namespace cadence::analyze
