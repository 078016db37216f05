// Builds request targets byte for byte (RFC 3986): nothing below encodes or decodes them again. Pure.
#pragma once

#include <string>
#include <string_view>

#include "net/http.hpp"

namespace cadence::kube::client {

class Target {
 public:
  explicit Target(std::string path) : text_(std::move(path)) {}

  // Adds name=value unless the value is empty.
  Target& with(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += has_query_ ? '&' : '?';
    has_query_ = true;
    text_.append(name).append("=").append(net::percent_encode(value));
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool has_query_ = false;
};

}  // namespace cadence::kube::client
