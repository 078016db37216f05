// What tests of the queue share: deliveries, their answers as futures, and waits that end.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "queue/intake.hpp"

namespace cadence::queue {

using AnswerLater = std::future<base::Result<Accepted>>;

inline constexpr auto kBound = std::chrono::seconds(10);

template <class Condition>
bool eventually(Condition condition, std::chrono::seconds bound = kBound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

inline Delivery delivery(const std::string& key) {
  Delivery made;
  made.key = key;
  made.job_id = "job-" + key;
  made.spec.url = "https://h/r.git";
  return made;
}

// What the intake does not even take is answered with Forbidden.
inline AnswerLater submit(Intake& intake, Delivery made) {
  auto promise = std::make_shared<std::promise<base::Result<Accepted>>>();
  auto future = promise->get_future();
  if (!intake.submit(std::move(made), [promise](auto accepted) { promise->set_value(accepted); }))
    promise->set_value(base::Error{base::ErrorKind::Forbidden, "refused"});
  return future;
}

inline AnswerLater submit(Intake& intake, const std::string& key) { return submit(intake, delivery(key)); }

// With keys "0", "1" and so on.
inline std::vector<AnswerLater> submit_many(Intake& intake, int count) {
  std::vector<AnswerLater> out;
  for (int i = 0; i < count; ++i) out.push_back(submit(intake, std::to_string(i)));
  return out;
}

inline base::Result<Accepted> get(AnswerLater& answer) {
  if (answer.wait_for(kBound) != std::future_status::ready) return base::Error{base::ErrorKind::Bug, "no answer"};
  return answer.get();
}
inline base::Result<Accepted> get(AnswerLater&& answer) { return get(answer); }

}  // namespace cadence::queue
