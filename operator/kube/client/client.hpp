// The verbs of the Kubernetes API over any Transport.
// Promises: every call ends within its deadline; 429 and 5xx are repeated only where repeating is safe and no longer
// than the deadline, honouring Retry-After; may_write() is asked right before each write is sent; errors say what was
// attempted on which object. Thread-safe. Knows no caches and no Cadence.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "json/value.hpp"
#include "kube/client/config.hpp"
#include "kube/core/meta.hpp"
#include "net/transport.hpp"

namespace cadence::kube::client {

struct ListOptions {
  std::string namespace_{};  // empty: all
  std::string label_selector{}, field_selector{};
  std::string resource_version{};  // "0": from the server's cache; empty: the latest
  int limit = 0;                   // 0: everything in one answer
  std::string continue_token{};
};

struct Preconditions {
  std::string uid{}, resource_version{};  // empty: not checked
};

enum class PatchType { Merge, Json };
enum class Propagation { Background, Foreground, Orphan };

class Client {
 public:
  struct Options {
    std::string user_agent{};                  // empty: user_agent("cadence")
    std::function<bool()> may_write{};         // right before every write: are we still the leader? Empty: always
    std::chrono::milliseconds timeout{10000};  // of one call, its repetitions included
    int max_attempts = 10;
    // each request sent; code 0: no answer
    std::function<void(std::string_view method, int code, double seconds)> observe{};
  };

  Client(std::unique_ptr<net::Transport> transport, std::shared_ptr<ConfigSource> config, Options options);
  ~Client();

  base::Result<json::Value> get(const core::KindInfo& kind, const core::ObjectKey& key, std::stop_token stop = {});
  base::Result<json::Value> list(const core::KindInfo& kind, const ListOptions& options, std::stop_token stop = {});
  base::Result<json::Value> create(const core::KindInfo& kind, const json::Value& object, std::stop_token stop = {});
  // Replaces the whole object; the server refuses (Conflict) when metadata.resourceVersion is set and old.
  base::Result<json::Value> replace(const core::KindInfo& kind, const core::ObjectKey& key, const json::Value& object,
                                    std::stop_token stop = {});
  base::Result<json::Value> replace_status(const core::KindInfo& kind, const core::ObjectKey& key,
                                           const json::Value& object, std::stop_token stop = {});
  // Server-Side Apply with force: `document` holds only what `field_manager` owns. With metadata.uid it is refused
  // (Conflict) unless that object is there; without, one that is missing is made.
  base::Result<json::Value> apply(const core::KindInfo& kind, const core::ObjectKey& key, const json::Value& document,
                                  std::string_view field_manager, std::stop_token stop = {});
  base::Result<json::Value> apply_status(const core::KindInfo& kind, const core::ObjectKey& key,
                                         const json::Value& document, std::string_view field_manager,
                                         std::stop_token stop = {});
  base::Result<json::Value> patch(const core::KindInfo& kind, const core::ObjectKey& key, const json::Value& patch,
                                  PatchType type, std::string_view subresource = {}, std::stop_token stop = {});
  // Already gone is NotFound; a failed precondition is Conflict.
  base::Result<void> remove(const core::KindInfo& kind, const core::ObjectKey& key,
                            const Preconditions& preconditions = {}, Propagation propagation = Propagation::Background,
                            std::stop_token stop = {});
  // Any other GET of the server: "/version", "/apis/apps/v1".
  base::Result<json::Value> get_path(const std::string& target, std::stop_token stop = {});

  template <core::KubeObject T>
  base::Result<T> get(const core::ObjectKey& key, std::stop_token stop = {}) {
    return typed<T>(get(T::kind_info(), key, stop));
  }
  template <core::KubeObject T>
  base::Result<T> create(const T& object, std::stop_token stop = {}) {
    return typed<T>(create(T::kind_info(), core::to_document(object), stop));
  }
  template <core::KubeObject T>
  base::Result<T> replace(const T& object, std::stop_token stop = {}) {
    return typed<T>(replace(T::kind_info(), core::key_of(object), core::to_document(object), stop));
  }
  template <core::KubeObject T>
  base::Result<T> apply(const T& object, std::string_view field_manager, std::stop_token stop = {}) {
    return typed<T>(apply(T::kind_info(), core::key_of(object), core::to_document(object), field_manager, stop));
  }
  template <core::KubeObject T>
  base::Result<void> remove(const T& object, Propagation propagation = Propagation::Background,
                            std::stop_token stop = {}) {
    return remove(T::kind_info(), core::key_of(object), {object.metadata.uid, {}}, propagation, stop);
  }

 private:
  struct Call;
  base::Result<json::Value> run(Call call, std::stop_token stop);
  base::Result<net::Response> send_once(const Call& call, std::chrono::milliseconds left, std::stop_token stop,
                                        std::string& used);

  template <core::KubeObject T>
  static base::Result<T> typed(const base::Result<json::Value>& answer) {
    if (!answer) return answer.error();
    return json::decode_leniently<T>(*answer);
  }

  std::unique_ptr<net::Transport> transport_;
  std::shared_ptr<ConfigSource> config_;
  Options options_;
};

// "cadence-operator/0.1.0 (linux/amd64)"
std::string user_agent(std::string_view program);

}  // namespace cadence::kube::client
