#include "opinion/ask.hpp"

#include <algorithm>

#include "analysis/source/guard/addresses.hpp"
#include "analysis/source/guard/page_url.hpp"
#include "analysis/source/guard/url.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "files/files.hpp"
#include "net/transport.hpp"

namespace cadence::opinion {
namespace {

namespace source = analysis::source;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kMostAnswer = 256U << 10U;
constexpr std::size_t kMostKey = 4096;

Result<std::string> key_of(const Options& options) {
  if (options.api_key_file.empty()) return options.api_key;
  const auto key = files::read(options.api_key_file, kMostKey);
  if (!key) return Error{ErrorKind::Invalid, "ai.api_key_file: " + key.error().message};
  if (base::trim(*key).empty())
    return Error{ErrorKind::Invalid, "ai.api_key_file " + options.api_key_file + " is empty"};
  return std::string(base::trim(*key));
}

// A key goes into a header, where a line end would begin another one.
Result<void> check_key(const std::string& key) {
  const bool is_sound = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return is_sound ? base::ok() : Error{ErrorKind::Invalid, "the API key holds characters that no key has"};
}

net::Origin origin_of(const source::PageUrl& url, const Options& options) {
  net::Origin origin{url.host, url.port, std::nullopt};
  if (url.is_secure) {
    origin.tls.emplace();
    origin.tls->trusts_system = true;
  }
  origin.check_address = [host = url.host, &options](const std::string& numbers) -> Result<void> {
    if (options.allow_private_networks || source::is_listed_host(options.allowed_hosts, host)) return base::ok();
    return source::check_public(host, numbers);
  };
  return origin;
}

// One exchange within one deadline.
Result<std::string> exchange(const net::Request& request, const net::Origin& origin, std::chrono::seconds limit,
                             const std::stop_token& stop) {
  const auto deadline = base::system_clock().monotonic() + limit;
  const auto left = [&] {
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(deadline - base::system_clock().monotonic()),
                    std::chrono::milliseconds(0));
  };
  const auto stream =
      net::make_beast_stream_opener([&]() -> Result<net::Origin> { return origin; })->open(request, left(), stop);
  if (!stream) return stream.error();
  // The body of a refusal may repeat what was sent, so only the number is shown.
  if ((*stream)->status() != 200)
    return Error{ErrorKind::Invalid, "the server returned " + std::to_string((*stream)->status())};
  std::string body;
  char piece[16 * 1024];
  for (;;) {
    const auto count = (*stream)->read_some(piece, left(), stop);
    if (!count) return count.error();
    if (*count == 0) return body;
    body.append(piece, *count);
    if (body.size() > kMostAnswer)
      return Error{ErrorKind::Invalid, "the answer is larger than " + std::to_string(kMostAnswer) + " bytes"};
  }
}

Result<Opinion> try_to_ask(const Question& question, const Options& options, const std::stop_token& stop) {
  if (options.model.empty()) return Error{ErrorKind::Invalid, "ai.model is not set"};
  auto base_url = options.base_url;
  while (base_url.ends_with('/')) base_url.pop_back();
  const auto url = source::parse_page_url(base_url + "/chat/completions");
  if (!url) return Error{ErrorKind::Invalid, "ai.base_url is not a usable URL"};
  const auto key = key_of(options);
  if (!key) return key.error();
  if (auto checked = check_key(*key); !checked) return checked.error();
  // In clear text the key would be everybody's on the way.
  if (!url->is_secure && !key->empty() && !options.allow_private_networks &&
      !source::is_listed_host(options.allowed_hosts, url->host))
    return Error{ErrorKind::Forbidden, "the key would be sent in clear text. Use an https URL in ai.base_url"};
  auto asking = request_body(question, options);
  Question shown = question;
  shown.findings.resize(asking.findings);
  net::Request request{"POST",
                       url->target,
                       {{"Content-Type", "application/json"}, {"Accept", "application/json"}, {"Connection", "close"}},
                       std::move(asking.text)};
  if (!key->empty()) request.headers.push_back({"Authorization", "Bearer " + *key});
  const auto body = exchange(request, origin_of(*url, options), std::chrono::seconds(options.timeout_seconds), stop);
  if (!body) return body.error();
  auto opinion = read_answer(*body, shown, options);
  if (opinion) opinion->asked_about = static_cast<int>(shown.findings.size());
  return opinion;
}

}  // namespace

Opinion ask(const Question& question, const Options& options, std::stop_token stop) {
  auto opinion = try_to_ask(question, options, stop);
  if (!opinion) {
    Opinion none;
    none.model = options.model;
    none.problem = opinion.error().message;
    return none;
  }
  return std::move(*opinion);
}

}  // namespace cadence::opinion
