// What tests of the configuration share: an environment of their own, a file as it is read, what is said against it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace cadence::config {

inline Environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto it = values.find(name);
    return it == values.end() ? std::nullopt : std::optional(it->second);
  };
}

inline Config read_yaml(const std::string& text, std::map<std::string, std::string> values = {}) {
  Config config;
  std::vector<std::string> warnings;
  const auto applied = apply_yaml(config, text, environment_of(std::move(values)), warnings);
  EXPECT_TRUE(applied) << applied.error().message;
  return config;
}

// Of a server on loopback with a secret; empty: none.
inline std::string refusal_of(const std::string& yaml) {
  auto config = read_yaml(yaml);
  config.use_secret("s");
  config.host = "127.0.0.1";
  const auto checked = validate(config);
  return checked ? std::string() : checked.error().message;
}

}  // namespace cadence::config
