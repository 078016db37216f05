// The way to a web page: fetches a URL as a browser without scripts does, refreshes included, and hands its text over
// as UTF-8. Promises: bounded in bytes, before and after decompression, in redirects, tries and time; ends at once on a
// stop; every address, a redirect's too, is looked at after its name was resolved and is the one connected to; TLS is
// verified against the system's roots. Errors are whole sentences that name the URL without credentials, with "returned
// <status>" when the server refused. Thread-safe; knows no strategy.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::analysis::source {

struct FetchOptions {
  std::string url;  // https:// is put in front when it names neither http nor https
  std::string user_agent = "cadence-ha/" CADENCE_VERSION;
  // hosts at loopback, private, link-local and other addresses that are not public
  bool allow_private_networks = false;
  std::vector<std::string> allowed_hosts;  // hosts that may have such addresses: "wiki.internal", "*.corp.example"
  std::size_t max_bytes = 8U << 20U;       // of the body, decompressed
  int max_redirects = 10;                  // pages that refresh to another within ten seconds count as well
  std::chrono::milliseconds attempt_limit{30000};  // from connecting to the last byte, redirects included
  // Pauses before the second and each further try, which follow on network failures and on 429, 500, 502, 503 and 504.
  std::vector<std::chrono::milliseconds> pauses{std::chrono::milliseconds(500), std::chrono::milliseconds(1000),
                                                std::chrono::milliseconds(2000)};
  // Upstream looks for those numbers anywhere in the error, the URL included (W-07).
  bool retries_by_substring = false;
};

struct FetchedPage {
  std::string url;      // as asked for
  std::string address;  // the last one, after redirects and refreshes
  std::string source;   // UTF-8
};

base::Result<FetchedPage> fetch_page(const FetchOptions& options, std::stop_token stop);

}  // namespace cadence::analysis::source
