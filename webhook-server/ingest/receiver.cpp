#include "ingest/receiver.hpp"

#include <algorithm>
#include <mutex>

#include "base/text.hpp"
#include "ingest/answers.hpp"
#include "ingest/arrival.hpp"
#include "ingest/held_body.hpp"
#include "ingest/keys.hpp"
#include "ingest/providers/all.hpp"
#include "ingest/providers/github.hpp"
#include "json/value.hpp"
#include "queue/repository_names.hpp"

namespace cadence::ingest {

using net::Response;

namespace {

constexpr std::size_t kLarge = 256 * 1024;  // parsing more than this may hold up other connections of the same thread

Response refused(const Refusal& refusal) { return error_response(401, refusal.error, refusal.code, refusal.message); }

Response ignored_response(const Ignored& ignored) {
  json::Value answer = {{"status", "ignored"}, {"event", ignored.event}};
  if (!ignored.reason.empty()) answer["reason"] = ignored.reason;
  return net::json_response(200, json::dump(answer));
}

std::string_view id_of(const Provider& provider, const net::RequestHead& head, const Push& push) {
  for (const auto header : provider.id_headers)
    if (const auto id = net::find_header(head.headers, header); !id.empty()) return id;
  return push.id;
}

// The secret that may send for this repository; what is wrong where none may.
std::variant<Refusal, const Secret*> secret_for(const Provider& provider, const queue::JobSpec& spec,
                                                const std::vector<const Secret*>& secrets) {
  const auto is_allowed = [&](const Secret* secret) {
    return queue::is_allowed_repository(secret->repositories, spec.full_name);
  };
  const auto secret = std::find_if(secrets.begin(), secrets.end(), is_allowed);
  if (secret == secrets.end())
    return Refusal{provider.unproven.error, provider.unproven.code, "the secret is not for this repository"};
  if (!(*secret)->repositories.empty() && !spec.url.empty() &&
      !is_url_of(spec.url, spec.full_name, provider.url_segment))
    return Refusal{provider.unproven.error, "url_of_another_repository",
                   "the secret is for some repositories only, and the path of the repository's URL is not its name"};
  return *secret;
}

// One answer for several deliveries, once all are settled: the first failure, else that of the first.
class Together {
 public:
  Together(std::size_t count, net::Responder respond) : answers_(count), left_(count), respond_(std::move(respond)) {}
  void settle(std::size_t place, Response response) {
    {
      std::lock_guard lock(mutex_);
      answers_[place] = std::move(response);
      if (--left_ > 0) return;
    }
    const auto failed =
        std::find_if(answers_.begin(), answers_.end(), [](auto& answer) { return answer.status >= 300; });
    respond_(std::move(failed == answers_.end() ? answers_.front() : *failed));
  }

 private:
  std::mutex mutex_;
  std::vector<Response> answers_;
  std::size_t left_;
  net::Responder respond_;
};

}  // namespace

class Receiver::Sink final : public net::RequestSink {
 public:
  Sink(Receiver& receiver, const Sender& sender, net::RequestHead head, std::unique_ptr<Proof> proof)
      : kept_(std::make_shared<Kept>(receiver, sender, std::move(head), std::move(proof))) {}

  void on_body(std::string_view piece) override {
    if (kept_->body.add(piece)) kept_->proof->update(piece);
  }

  void on_complete(net::Responder respond) override {
    auto& kept = *kept_;
    if (kept.body.is_over_budget())
      return respond(busy_response("server is busy", "over_budget", "too many bytes of deliveries are under way"));
    // Before anything is run aside: who has no secret takes no room from those who have.
    auto secrets = kept.proof->finish(kept.body.text());
    if (secrets.empty()) return respond(refused(kept.sender.provider.unproven));
    const auto answer = [held = kept_, by = std::move(secrets), respond] {
      held->receiver.answer_proven(held->sender, held->head, held->body, by, held->begun, respond);
    };
    if (kept.body.text().size() <= kLarge) return answer();
    if (!kept.receiver.run_aside_(answer))
      respond(busy_response("server is busy", "over_budget", "too many large deliveries are under way"));
  }

 private:
  // A large body moves on to another thread, with what keeps it counted and its secrets alive.
  struct Kept {
    Kept(Receiver& r, const Sender& s, net::RequestHead h, std::unique_ptr<Proof> p)
        : receiver(r),
          sender(s),
          head(std::move(h)),
          proof(std::move(p)),
          body(r.budget_, head.content_length.value_or(0)) {}
    Receiver& receiver;
    const Sender& sender;
    net::RequestHead head;
    std::unique_ptr<Proof> proof;
    HeldBody body;
    base::Wall begun = base::system_clock().wall();
  };
  std::shared_ptr<Kept> kept_;
};

Receiver::Receiver(std::vector<Sender> senders, Budget& budget, queue::Intake& intake, ReceiverOptions options,
                   std::function<std::int64_t()> depth, std::function<bool(std::function<void()>)> run_aside)
    : senders_(std::move(senders)),
      budget_(budget),
      intake_(intake),
      options_(options),
      depth_(std::move(depth)),
      run_aside_(std::move(run_aside)) {}

const Sender& Receiver::sender_of(const net::RequestHead& head) const {
  const Sender* fallback = &senders_.front();
  for (const auto& sender : senders_) {
    if (is_marked(sender.provider, head) && !sender.secrets.current()->empty()) return sender;
    if (sender.provider.name == github().name) fallback = &sender;
  }
  return *fallback;
}

std::variant<Response, net::Accept> Receiver::receive(const Sender& sender, const net::RequestHead& head) {
  if (head.content_length.value_or(0) > options_.max_body) return too_large_response(options_.max_body);
  auto secrets = sender.secrets.current();
  const std::string name(sender.provider.name);
  if (secrets->empty())
    return refused({sender.provider.unproven.error, "no_secret", "this server has no secret for " + name});
  auto begun = sender.provider.prove(head, std::move(secrets), base::system_clock().wall());
  if (const auto* refusal = std::get_if<Refusal>(&begun)) return refused(*refusal);
  auto& proof = std::get<std::unique_ptr<Proof>>(begun);
  return net::Accept{std::make_unique<Sink>(*this, sender, head, std::move(proof)), options_.max_body};
}

void Receiver::answer_proven(const Sender& sender, const net::RequestHead& head, HeldBody& body,
                             const std::vector<const Secret*>& secrets, base::Wall begun,
                             const net::Responder& respond) {
  const auto& provider = sender.provider;
  auto event = provider.read(head, body.text());
  if (!event) return respond(error_response(400, "invalid payload", "invalid_payload", event.error().message));
  if (const auto* ignored = std::get_if<Ignored>(&*event)) return respond(ignored_response(*ignored));
  auto& push = std::get<Push>(*event);
  const Arrival arrival(head, id_of(provider, head, push), options_.spans, begun);
  std::vector<queue::Delivery> deliveries;
  for (auto& spec : push.jobs) {
    const auto secret = secret_for(provider, spec, secrets);
    if (const auto* refusal = std::get_if<Refusal>(&secret)) return respond(refused(*refusal));
    const auto scope = scope_of(*std::get<const Secret*>(secret));
    auto keys = keys_of({.provider = provider.name,
                         .scope = scope,
                         .repository = spec.full_name.empty() ? spec.url : spec.full_name,
                         .id = id_of(provider, head, push),
                         .part = push.jobs.size() > 1 ? std::string_view(spec.branch) : std::string_view(),
                         .remembers_body = provider.remembers_bodies,
                         .digest = push.digest},
                        body.text());
    queue::Delivery delivery;
    delivery.key = std::move(keys.delivery);
    delivery.body_key = std::move(keys.body);
    delivery.provider = provider.name;
    delivery.event = "push";
    delivery.job_id = base::random_uuid();
    delivery.spec = std::move(spec);
    delivery.spec.origin = arrival.origin();
    deliveries.push_back(std::move(delivery));
  }
  // While the store is away deliveries wait, and all that they need was read.
  body.give_back();
  enqueue(std::move(deliveries), arrival.recorded(respond, provider.name));
}

void Receiver::enqueue(std::vector<queue::Delivery> deliveries, const net::Responder& respond) {
  if (depth_() >= options_.queue_capacity)
    return respond(busy_response("queue is full", "queue_full",
                                 std::to_string(options_.queue_capacity) + " pushes wait already, which is the limit"));
  if (deliveries.size() == 1) return store_and_answer(intake_, std::move(deliveries.front()), "delivery", respond);
  const auto together = std::make_shared<Together>(deliveries.size(), respond);
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    const net::Responder settle([together, i](Response response) { together->settle(i, std::move(response)); });
    store_and_answer(intake_, std::move(deliveries[i]), "delivery", settle);
  }
}

}  // namespace cadence::ingest
