// Where spans go. Values only.
#pragma once

#include <string>

#include "base/result.hpp"

namespace cadence::telemetry {

struct Options {
  std::string endpoint;      // of an OTLP/HTTP collector, without v1/traces; empty: nothing is exported
  std::string traces_url;    // the whole URL; overrides the endpoint
  std::string headers;       // NAME=VALUE,NAME=VALUE, values percent-encoded
  std::string headers_file;  // the same; read for each batch
  std::string ca_file;       // authorities (PEM) that are trusted beside the machine's own
  std::string service_name = "cadence-webhook";
  double sample_ratio = 1;

  [[nodiscard]] bool is_on() const { return !endpoint.empty() || !traces_url.empty(); }
};

base::Result<void> validate(const Options& options);

}  // namespace cadence::telemetry
