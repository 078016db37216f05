#include "api/page_routes.hpp"

#include <algorithm>

#include "api/page_answers.hpp"
#include "api/session.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::api {

using net::RequestHead;
using net::Response;
using pages::Setting;

namespace {

constexpr std::uint64_t kLongestForm = 8192;
constexpr int kJobsLookedThrough = 1000;  // for the list of repositories

Response store_is_away(const Setting& setting, const base::Error& error) {
  base::log_warning("A page could not read the job store", {{"error", error.message}});
  auto response = page_response(
      503, notice_page(setting, {"The jobs cannot be read now",
                                 "The server's job store does not answer. What was delivered is not lost by that.",
                                 false, true}));
  response.headers.push_back({"Retry-After", "5"});
  return response;
}

Response no_such_job(const Setting& setting) {
  return page_response(
      404, notice_page(setting, {"There is no such job", "It never was, or it is older than what the server keeps.",
                                 false, false}));
}

Response no_way_in(const Setting& setting, links::Standing standing) {
  if (standing == links::Standing::Over)
    return page_response(410, notice_page(setting, {"This link is over",
                                                    "Links open a job for a time only. Whoever has a token can still "
                                                    "read it.",
                                                    true, false}));
  return page_response(
      403, notice_page(setting, {"This link opens nothing", "It was changed or cut on its way, or it has been revoked.",
                                 true, false}));
}

int offset_of(const RequestHead& head) {
  const auto offset = base::parse_integer(net::query_value(head.target, "offset")).value_or(0);
  return static_cast<int>(std::clamp<std::int64_t>(offset, 0, queue::kMostFiltered));
}

base::Wall now() { return base::system_clock().wall(); }

}  // namespace

void PageRoutes::add_to(Router& router) {
  const auto file = [&router](const char* path, const char* type, std::string content) {
    router.add("GET", path, [type, content = std::move(content)](auto& head, auto&) -> Reaction {
      return file_response(head, type, content);
    });
  };
  file("/pages/style.css", "text/css; charset=utf-8", pages::style());
  file("/pages/script.js", "text/javascript; charset=utf-8", pages::script());
  file("/pages/icon.svg", "image/svg+xml", std::string(pages::kPictogram));
  router.add("GET", "/pages", [this](auto& head, auto&) { return jobs(head); });
  router.add("GET", "/pages/jobs/:id", [this](auto& head, auto& id) { return job(head, id); });
  router.add("GET", "/pages/jobs/:id/report", [this](auto& head, auto& id) { return report(head, id); });
  router.add("GET", "/pages/repositories", [this](auto& head, auto&) {
    const auto name = net::query_value(head.target, "name");
    return name.empty() ? repositories(head) : history(head, name);
  });
  router.add("GET", "/pages/deliveries", [this](auto& head, auto&) { return deliveries(head); });
  router.add("GET", "/pages/sign-in", [this](auto& head, auto&) { return account(head); });
  router.add("POST", "/pages/sign-in", [this](auto& head, auto&) -> Reaction {
    return net::simple_handler([this](auto& whole, const std::string& form) { return sign_in(whole, form); },
                               kLongestForm)(head);
  });
  router.add("POST", "/pages/sign-out", [this](auto& head, auto&) -> Reaction {
    return net::simple_handler([this](auto& whole, const std::string&) { return sign_out(whole); }, kLongestForm)(head);
  });
}

Reaction PageRoutes::guarded(const RequestHead& head, const Show& show) const {
  Setting setting{way_up(head.target), parts_.door.is_closed()};
  if (parts_.door.may_see_pages(head, session_in(head), now())) return show(setting);
  return redirect(setting.up + "sign-in?next=" + net::percent_encode(place_of(head.target)));
}

Reaction PageRoutes::guarded_job(const RequestHead& head, const std::string& id, const Show& show) const {
  const auto signature = net::query_value(head.target, "signature");
  if (signature.empty() || parts_.door.may_see_pages(head, session_in(head), now())) return guarded(head, show);
  const auto until = net::query_value(head.target, "until");
  Setting setting{way_up(head.target), true, true};
  const auto standing = parts_.links.check(id, until, signature, now());
  if (standing != links::Standing::Good) return no_way_in(setting, standing);
  setting.link_query = "until=" + until + "&signature=" + signature;
  return show(setting);
}

Reaction PageRoutes::with_job(const Setting& setting, const std::string& id,
                              std::function<Response(const queue::Job&)> answer) const {
  if (!is_job_id(id)) return no_such_job(setting);
  return parts_.aside([this, setting, id = base::to_lower(id), answer = std::move(answer)] {
    const auto found = parts_.store.find(id);
    if (!found) return store_is_away(setting, found.error());
    return *found ? answer(**found) : no_such_job(setting);
  });
}

Reaction PageRoutes::jobs(const RequestHead& head) const {
  return guarded(head, [&](const Setting& setting) {
    queue::JobFilter filter{pages::kJobsOfAPage, offset_of(head),
                            queue::parse_status(net::query_value(head.target, "status")),
                            std::string(base::trim(net::query_value(head.target, "repo")))};
    return parts_.aside([this, setting, filter, head] {
      const auto depth = parts_.depth();
      pages::JobList list{filter, {}, {}, depth.waiting, depth.running};
      auto found = parts_.store.list(filter);
      if (!found) return store_is_away(setting, found.error());
      list.found = std::move(*found);
      auto running = parts_.store.list({pages::kJobsOfAPage, 0, queue::JobStatus::Processing, {}});
      if (!running) return store_is_away(setting, running.error());
      list.running = std::move(running->jobs);
      return page_response(200, pages::jobs_page(setting, list), &head);
    });
  });
}

Reaction PageRoutes::job(const RequestHead& head, const std::string& id) const {
  return guarded_job(head, id, [&](const Setting& setting) {
    return with_job(setting, id, [setting, head](const queue::Job& job) {
      return page_response(200, pages::job_page(setting, job), &head);
    });
  });
}

Reaction PageRoutes::report(const RequestHead& head, const std::string& id) const {
  return guarded_job(head, id, [&](const Setting& setting) {
    return with_job(setting, id, [setting](const queue::Job& job) {
      auto report = pages::report_page(job);
      return report.empty() ? no_such_job(setting) : report_response(std::move(report));
    });
  });
}

Reaction PageRoutes::history(const RequestHead& head, const std::string& name) const {
  return guarded(head, [&](const Setting& setting) {
    const auto offset = offset_of(head);
    return parts_.aside([this, setting, name, offset] {
      auto found = parts_.store.list({pages::kJobsOfAHistory, offset, std::nullopt, name});
      if (!found) return store_is_away(setting, found.error());
      return page_response(200, pages::history_page(setting, {name, offset, std::move(*found)}));
    });
  });
}

Reaction PageRoutes::repositories(const RequestHead& head) const {
  return guarded(head, [&](const Setting& setting) {
    return parts_.aside([this, setting] {
      const auto found = parts_.store.list({kJobsLookedThrough, 0, std::nullopt, {}});
      if (!found) return store_is_away(setting, found.error());
      return page_response(200, pages::repositories_page(setting, found->jobs));
    });
  });
}

Reaction PageRoutes::deliveries(const RequestHead& head) const {
  return guarded(head, [&](const Setting& setting) {
    const auto hooks = parts_.watched_hooks ? parts_.watched_hooks() : std::vector<pages::WatchedHook>();
    return page_response(200, pages::deliveries_page(setting, hooks), &head);
  });
}

Reaction PageRoutes::account(const RequestHead& head) const {
  const Setting setting{way_up(head.target), parts_.door.is_closed()};
  if (!parts_.door.is_closed()) return redirect(setting.up + "./");  // everybody is in already
  const bool is_signed_in = parts_.door.may_see_pages(head, session_in(head), now());
  return form_response(200, pages::sign_in_page(setting, {is_signed_in, net::query_value(head.target, "next")}));
}

Response PageRoutes::sign_in(const RequestHead& head, const std::string& form) const {
  const Setting setting{way_up(head.target), true};
  const auto next = net::query_value("?" + form, "next");
  const auto refuse = [&](const std::string& why) {
    return form_response(403, pages::sign_in_page(setting, {false, next, why}));
  };
  if (!comes_from_here(head)) return refuse("The form was sent from another site. Send it from here.");
  const auto session = parts_.door.begin_session(head, net::query_value("?" + form, "token"), now() + kSessionLasts);
  if (!session) return refuse(session.error().message);
  auto response = redirect(setting.up + (is_place(next) && !next.empty() ? next : "./"));
  response.headers.push_back({"Set-Cookie", session_cookie(head, *session, kSessionLasts)});
  return response;
}

Response PageRoutes::sign_out(const RequestHead& head) const {
  const Setting setting{way_up(head.target), true};
  if (!comes_from_here(head)) return form_response(403, pages::sign_in_page(setting, {true, {}, {}}));
  auto response = redirect(setting.up + "sign-in");
  response.headers.push_back({"Set-Cookie", session_cookie(head, "", std::chrono::seconds(0))});
  return response;
}

}  // namespace cadence::api
