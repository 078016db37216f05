// Tells people what happened to an object, as Kubernetes events (events.k8s.io/v1).
// Promises: never blocks and never fails the caller: a queue of 1000, then events are dropped and counted; a write is
// tried 12 times, about 10 s apart; repetitions become a series. Notes are cut at 1 kB, as the API server demands.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "kube/client/client.hpp"
#include "kube/control/event_series.hpp"
#include "kube/control/metrics.hpp"

namespace cadence::kube::control {

template <core::KubeObject T>
types::ObjectReference reference_to(const T& object) {
  const auto& meta = object.metadata;
  return {T::kind_info().api_version(), T::kind_info().kind, meta.name, meta.namespace_, meta.uid,
          meta.resource_version};
}

// Sends one write; NotFound for a series whose event is gone.
using EventSender = std::function<base::Result<void>(const EventWrite&, std::stop_token)>;
EventSender make_event_sender(client::Client& client);

class EventRecorder {
 public:
  struct Options {
    std::string controller;  // "cadence.noslop.tech/operator"
    std::string instance;    // this process: the pod's name
    std::size_t capacity = 1000;
    int tries = 12;
    std::chrono::milliseconds pause{10000};
  };
  EventRecorder(Options options, EventSender sender, Registry& registry,
                const base::Clock& clock = base::system_clock());
  ~EventRecorder();

  using Related = std::optional<types::ObjectReference>;

  // `reason`: why, UpperCamelCase and specific; `action`: what was done; `note`: a sentence for people; `related`:
  // the other object that it happened to, each of which has an event of its own as far as EventSeries allows.
  void normal(const types::ObjectReference& regarding, const std::string& action, const std::string& reason,
              const std::string& note, const Related& related = {});
  void warning(const types::ObjectReference& regarding, const std::string& action, const std::string& reason,
               const std::string& note, const Related& related = {});

  void start();
  void stop();  // at once; what was not sent is lost

 private:
  void record(const types::ObjectReference& regarding, const char* type, const std::string& action,
              const std::string& reason, const std::string& note, const Related& related);
  void run(std::stop_token stop);
  std::optional<types::Event> next(std::stop_token stop);
  void send(const EventWrite& write, std::stop_token stop);

  Options options_;
  EventSender sender_;
  const base::Clock& clock_;
  Counter &sent_, &dropped_, &failed_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<types::Event> waiting_;
  EventSeries series_;  // belongs to the thread
  std::jthread thread_;
};

}  // namespace cadence::kube::control
