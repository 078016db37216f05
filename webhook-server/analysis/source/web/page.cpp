#include "analysis/source/web/page.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "analysis/source/guard/addresses.hpp"
#include "analysis/source/web/charset.hpp"
#include "analysis/source/web/inflate.hpp"
#include "analysis/source/web/markup_facts.hpp"
#include "analysis/source/guard/page_url.hpp"
#include "analysis/source/guard/url.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "net/transport.hpp"

namespace cadence::analysis::source {
namespace {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

constexpr std::array kRetried = {429, 500, 502, 503, 504};
// seconds that a reader waits for a page that says it leads on; others refresh what they show
constexpr long kPatience = 10;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error refusal_of(int status) {
  const std::string what = "it returned " + std::to_string(status);
  if (status == 404 || status == 410) return {ErrorKind::NotFound, what + " (not found). Check the URL"};
  if (status == 401 || status == 403)
    return {ErrorKind::Forbidden, what + " (forbidden). Make the page readable to everybody"};
  if (is_redirect(status)) return {ErrorKind::Invalid, what + " (redirect) without saying where to. Check the server"};
  if (status == 429) return {ErrorKind::Transient, what + " (rate limit). Try again later"};
  if (status >= 500) return {ErrorKind::Transient, what + ". Try again later"};
  return {ErrorKind::Invalid, what + ". Check the URL"};
}

Error too_large(std::size_t most) {
  return {ErrorKind::Invalid, "it is larger than " + std::to_string(most) + " bytes. Analyse a smaller page"};
}

// One attempt's answer: a page, or why not.
struct Failure {
  Error error;
  int status = 0;  // the server's, when that is the reason
};

class Attempt {
 public:
  Attempt(const FetchOptions& options, std::stop_token stop)
      : options_(options),
        stop_(std::move(stop)),
        deadline_(base::system_clock().monotonic() + options.attempt_limit) {}

  // Follows redirects and refreshes from `url`; leaves the failure's details in failure().
  std::optional<FetchedPage> run(PageUrl url) {
    for (;;) {
      visited_.push_back(url.text());
      auto answer = open(url);
      if (!answer) return fail(answer.error());
      std::optional<PageUrl> next;
      std::optional<FetchedPage> page;
      const auto location = net::find_header((*answer)->headers(), "Location");
      if (is_redirect((*answer)->status()) && !location.empty()) {
        auto target = follow(url, location);
        if (!target) return fail(target.error());
        next = std::move(*target);
      } else {
        page = read(**answer, url);
        if (page) next = refresh_of(*page, (*answer)->headers(), url);
      }
      if (!next) return page;
      if (visited_.size() > static_cast<std::size_t>(options_.max_redirects)) return fail(too_many(next->text()));
      url = std::move(*next);
    }
  }

  [[nodiscard]] const Failure& failure() const { return failure_; }

 private:
  std::nullopt_t fail(Error error, int status = 0) {
    if (error.message.starts_with("Could not resolve")) error.message = "DNS: " + error.message;
    if (visited_.size() > 1) error.message = "it leads to " + printable_url(visited_.back()) + ": " + error.message;
    failure_ = {std::move(error), status};
    return std::nullopt;
  }

  [[nodiscard]] Error too_many(const std::string& next) const {
    const bool is_circle = std::find(visited_.begin(), visited_.end(), next) != visited_.end();
    const std::string why = is_circle
                                ? ", in a circle. The server may want cookies, which are not kept here: check the URL"
                                : ". Check the URL";
    return {ErrorKind::Invalid, "it redirects more than " + std::to_string(options_.max_redirects) + " times" + why};
  }

  // Where a browser would go on to from this page. A page that was seen already is stayed on: it may show one after the
  // other for ever.
  std::optional<PageUrl> refresh_of(const FetchedPage& page, const std::vector<net::Header>& headers,
                                    const PageUrl& at) const {
    if (parse_content_type(net::find_header(headers, "Content-Type")).media_type == "text/plain") return std::nullopt;
    auto refresh = parse_refresh(net::find_header(headers, "Refresh"));
    if (!refresh) refresh = meta_refresh(page.source);
    if (!refresh || refresh->url.empty() || refresh->seconds > kPatience) return std::nullopt;
    const auto base = refresh->base.empty() ? base::Result<PageUrl>(at) : follow(at, refresh->base);
    auto next = follow(base ? *base : at, refresh->url);
    if (!next || std::find(visited_.begin(), visited_.end(), next->text()) != visited_.end()) return std::nullopt;
    return std::move(*next);
  }

  [[nodiscard]] milliseconds left() const {
    return std::max(std::chrono::duration_cast<milliseconds>(deadline_ - base::system_clock().monotonic()),
                    milliseconds(0));
  }

  base::Result<void> check_address(const std::string& host, const std::string& numbers) const {
    if (options_.allow_private_networks || is_listed_host(options_.allowed_hosts, host)) return base::ok();
    return check_public(host, numbers);
  }

  base::Result<std::unique_ptr<net::ByteStream>> open(const PageUrl& url) const {
    net::Origin origin{url.host, url.port, std::nullopt};
    if (url.is_secure) {
      origin.tls.emplace();
      origin.tls->trusts_system = true;
    }
    origin.check_address = [this, host = url.host](const std::string& numbers) { return check_address(host, numbers); };
    const net::Request request{"GET",
                               url.target,
                               {{"User-Agent", options_.user_agent},
                                {"Accept", "text/html,*/*"},
                                {"Accept-Encoding", "gzip"},
                                {"Connection", "close"}},
                               ""};
    return net::make_beast_stream_opener([&origin]() -> base::Result<net::Origin> { return origin; })
        ->open(request, left(), stop_);
  }

  std::optional<FetchedPage> read(net::ByteStream& answer, const PageUrl& url) {
    if (answer.status() == 204 || answer.status() == 205) {
      return fail(
          {ErrorKind::Invalid, "it returned " + std::to_string(answer.status()) + " (no content). Check the URL"},
          answer.status());
    }
    if (answer.status() < 200 || answer.status() > 299) return fail(refusal_of(answer.status()), answer.status());
    const ContentType type = parse_content_type(net::find_header(answer.headers(), "Content-Type"));
    if (!is_page(type))
      return fail(
          {ErrorKind::Invalid, "it is " + type.media_type.substr(0, 100) + ", not a page of text. Check the URL"});
    auto body = read_body(answer);
    if (!body) return fail(body.error());
    if (is_binary_body(*body, type))
      return fail({ErrorKind::Invalid, "its bytes are those of a binary file, not of a page of text. Check the URL"});
    auto text = to_utf8(std::move(*body), type, options_.max_bytes);
    if (!text) return fail(text.error());
    return FetchedPage{options_.url, url.text(), std::move(*text)};
  }

  base::Result<std::string> read_body(net::ByteStream& answer) const {
    const std::string encoding = base::to_lower(base::trim(net::find_header(answer.headers(), "Content-Encoding")));
    const bool is_packed = encoding == "gzip" || encoding == "x-gzip";
    if (!is_packed && !encoding.empty() && encoding != "identity") {
      return Error{ErrorKind::Invalid,
                   "it is packed as " + encoding.substr(0, 100) + ", which nobody asked for. Check the server"};
    }
    Inflater inflater(options_.max_bytes);
    auto state = Inflater::State::NeedsMore;
    std::string body;
    std::size_t received = 0;
    char piece[16 * 1024];
    for (;;) {
      const auto count = answer.read_some(piece, left(), stop_);
      if (!count) return count.error();
      if (*count == 0) break;
      received += *count;
      // Packed bytes count as well: a stream of empty blocks unpacks to nothing and never ends.
      if (received > options_.max_bytes) return too_large(options_.max_bytes);
      if (is_packed) {
        state = inflater.add({piece, *count});
      } else {
        body.append(piece, *count);
      }
      if (state == Inflater::State::TooLarge) return too_large(options_.max_bytes);
      if (state == Inflater::State::Broken)
        return Error{ErrorKind::Invalid, "its packed content is damaged. Check the server"};
    }
    if (!is_packed || received == 0) return body;
    if (state != Inflater::State::Done)
      return Error{ErrorKind::Transient, "its packed content was cut short. Try again later"};
    return inflater.take();
  }

  const FetchOptions& options_;
  const std::stop_token stop_;
  const base::Monotonic deadline_;
  std::vector<std::string> visited_;
  Failure failure_;
};

bool is_retried(const Failure& failure, const std::string& whole, bool by_substring) {
  if (failure.error.kind == ErrorKind::Canceled) return false;
  if (by_substring && std::any_of(kRetried.begin(), kRetried.end(), [&](int status) {
        return whole.find(std::to_string(status)) != std::string::npos;
      })) {
    return true;
  }
  if (failure.status != 0) return std::find(kRetried.begin(), kRetried.end(), failure.status) != kRetried.end();
  return failure.error.kind == ErrorKind::Transient;
}

}  // namespace

base::Result<FetchedPage> fetch_page(const FetchOptions& options, std::stop_token stop) {
  const auto url = parse_page_url(options.url);
  if (!url) return url.error();
  const std::string attempted = "Could not fetch " + printable_url(url->text()) + ": ";
  for (std::size_t tries = 1;; ++tries) {
    Attempt attempt(options, stop);
    if (auto page = attempt.run(*url)) return std::move(*page);
    Failure failure = attempt.failure();
    const bool is_worth_more =
        is_retried(failure, url->text() + " " + failure.error.message, options.retries_by_substring);
    if (is_worth_more && tries <= options.pauses.size() && base::wait_for(stop, options.pauses[tries - 1])) continue;
    if (stop.stop_requested()) return Error{ErrorKind::Canceled, attempted + "it was stopped. It can be started again"};
    if (tries > 1)
      failure.error.message = std::to_string(tries) + " attempts failed, the last with: " + failure.error.message;
    return Error{failure.error.kind, attempted + failure.error.message};
  }
}

}  // namespace cadence::analysis::source
