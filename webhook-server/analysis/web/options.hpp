// What a user can choose about the web analysis: the profile and which strategies run. Names are those of the
// configuration file.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace cadence::analysis::web {

// Corrected mends W-01 and W-02 of the specification (W-07 belongs to fetching); Upstream reproduces every quirk.
enum class Profile { Corrected, Upstream };

class StrategySwitches {
 public:
  // False when no strategy has this name.
  bool set(std::string_view name, bool enabled);
  [[nodiscard]] bool is_enabled(std::string_view name) const { return !disabled_.contains(name); }

 private:
  std::set<std::string, std::less<>> disabled_;
};

struct Options {
  Profile profile = Profile::Corrected;
  StrategySwitches strategies;
};

}  // namespace cadence::analysis::web
