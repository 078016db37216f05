// A simulator of the Kubernetes API server, deterministic and in memory.
// Promises: codes, reasons and objects are those of the real server for what an operator of ours asks: get, list,
// watch, create, update, patch (merge, JSON, apply), delete; status apart from the rest; optimistic concurrency by
// resourceVersion and uid; deletion that waits for finalizers and for a pod's grace. tests/integration/kube_testing
// holds it to that. Thread-safe.
// Does not know: schemas (no defaults, no validation beyond metadata), namespaces as owners, admission, rights,
// paging, foreground and orphaning deletion, what a PUT of a status does to the owners of other fields, who owns an
// object that lost its last member (a conflict of an apply without force may name him). Nothing happens by itself: what
// controllers do, controllers.hpp does when it is asked to.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "kube/testing/kinds.hpp"
#include "kube/testing/objects.hpp"
#include "kube/testing/ownership.hpp"
#include "kube/testing/selectors.hpp"
#include "net/http.hpp"

namespace cadence::kube::testing {

// What a request asks for, read from its target.
struct Route {
  const Kind* kind = nullptr;
  core::ObjectKey key;  // an empty name: the collection
  std::string subresource;
  [[nodiscard]] Id id() const { return {core::full_name(kind->info), key}; }
};

class ApiServer {
 public:
  using Listener = std::function<void(const Change&, const std::string& manager)>;

  explicit ApiServer(const base::Clock& clock, std::vector<core::KindInfo> custom = {});

  net::Response answer(const net::Request& request);

  // For those who stand inside: tests and controllers. A missing object is null.
  [[nodiscard]] Document find(const core::KindInfo& kind, const core::ObjectKey& key) const;
  [[nodiscard]] std::vector<Document> list(const core::KindInfo& kind, const std::string& namespace_ = {}) const;
  // Changes the object, its status too, as that manager; makes it where it is missing. False: nothing changed.
  bool write(const core::KindInfo& kind, const core::ObjectKey& key, const std::function<void(json::Value&)>& change,
             const std::string& manager = "test");
  // As a DELETE without preconditions; false: there is none.
  bool remove(const core::KindInfo& kind, const core::ObjectKey& key, const std::string& manager = "test");
  // Takes it away whatever holds it: a kubelet that is done with a pod.
  bool erase(const core::KindInfo& kind, const core::ObjectKey& key, const std::string& manager = "test");

  [[nodiscard]] Objects snapshot() const;
  void restore(Objects objects);
  void compact();  // watches and lists from before are too late from now on

  // Whether the server knows this kind of its own or of the custom ones; all of them at first. One that goes takes its
  // objects and watches along.
  void uninstall(const core::KindInfo& kind);
  void install(const core::KindInfo& kind);

  // After every change, in order; before its answer is sent.
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  [[nodiscard]] std::optional<Route> route(const std::string& target) const;
  [[nodiscard]] const Kind* kind_of(const std::string& plural) const;

 private:
  friend class WatchStream;
  struct Call;  // a request with its route, query and writer

  net::Response get(const Call& call) const;
  net::Response create(const Call& call);
  net::Response replace(const Call& call);
  net::Response patch(const Call& call);
  net::Response apply(const Call& call);
  net::Response remove(const Call& call);
  net::Response store(const Call& call, const Document& live, json::Value after, int code);
  net::Response made(const Call& call, json::Value object);
  Document put(const Id& id, json::Value object, const std::string& manager);
  void erase_now(const Id& id, const std::string& manager);
  Document remove_now(const Kind& kind, const Id& id, const std::string& manager);
  void tell(const std::string& manager);

  mutable std::recursive_mutex mutex_;  // listeners may ask
  const base::Clock& clock_;
  std::vector<Kind> kinds_;
  std::set<std::string> absent_;  // by full name
  Objects objects_;
  std::vector<Listener> listeners_;
};

// metav1.Status
net::Response refusal(int code, const std::string& reason, const std::string& message,
                      json::Value details = json::Value::object());

}  // namespace cadence::kube::testing
