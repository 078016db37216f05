// The routes of the pages for people: who may see which, reading the store for them, and the headers that keep them to
// themselves. Promises: a page is seen by whom the door admits, with a token or a session, or is the one job that a
// signed link names; nothing but signing in and out changes anything, and both only from a page of ours; no page is
// kept by a cache, framed, or told to other servers as where a reader came from.
#pragma once

#include <functional>
#include <string>

#include "api/door.hpp"
#include "api/router.hpp"
#include "links/key_file.hpp"
#include "pages/pages.hpp"
#include "queue/store.hpp"

namespace cadence::api {

class PageRoutes {
 public:
  struct Parts {
    queue::Store& store;
    const Door& door;
    const links::Links& links;
    std::function<queue::Depth()> depth;
    std::function<Reaction(std::function<net::Response()>)> aside;   // reads of the store
    std::function<std::vector<pages::WatchedHook>()> watched_hooks;  // null: none is
  };
  explicit PageRoutes(Parts parts) : parts_(std::move(parts)) {}
  void add_to(Router& router);

 private:
  using Show = std::function<Reaction(const pages::Setting& setting)>;
  // The page, for whom the door admits; else the way to sign in.
  Reaction guarded(const net::RequestHead& head, const Show& show) const;
  // The same for one job, which a link opens too.
  Reaction guarded_job(const net::RequestHead& head, const std::string& id, const Show& show) const;

  Reaction jobs(const net::RequestHead& head) const;
  Reaction job(const net::RequestHead& head, const std::string& id) const;
  Reaction report(const net::RequestHead& head, const std::string& id) const;
  Reaction repositories(const net::RequestHead& head) const;
  Reaction deliveries(const net::RequestHead& head) const;
  Reaction history(const net::RequestHead& head, const std::string& name) const;
  Reaction with_job(const pages::Setting& setting, const std::string& id,
                    std::function<net::Response(const queue::Job&)> answer) const;
  Reaction account(const net::RequestHead& head) const;
  net::Response sign_in(const net::RequestHead& head, const std::string& form) const;
  net::Response sign_out(const net::RequestHead& head) const;

  const Parts parts_;
};

}  // namespace cadence::api
