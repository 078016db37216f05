#include "ingest/receiver.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "ingest/answers.hpp"
#include "ingest/providers/github.hpp"
#include "json/value.hpp"

namespace cadence::ingest {

using net::Response;

namespace {

constexpr std::size_t kLarge = 256 * 1024;  // parsing more than this may hold up other connections of the same thread

}  // namespace

class GithubReceiver::Sink final : public net::RequestSink {
 public:
  Sink(GithubReceiver& receiver, net::RequestHead head, std::string signature)
      : receiver_(receiver),
        head_(std::move(head)),
        check_(receiver.secrets_.current(), std::move(signature)),
        share_(receiver.budget_) {}

  void on_body(std::string_view piece) override {
    if (is_over_budget_) return;
    if (!share_.take(piece.size())) {
      is_over_budget_ = true;
      share_.give_back();
      body_ = std::string();
      return;
    }
    check_.update(piece);
    body_.append(piece);
  }

  void on_complete(net::Responder respond) override {
    if (is_over_budget_)
      return respond(busy_response("server is busy", "over_budget", "too many bytes of deliveries are under way"));
    auto secrets = check_.finish();
    if (secrets.empty())
      return respond(
          error_response(401, "invalid signature", "invalid_signature", "no configured secret made this signature"));
    if (body_.size() <= kLarge) return receiver_.answer_verified(head_, body_, secrets, respond);
    // The body moves on with what keeps it counted and its secrets alive.
    auto kept =
        std::make_shared<Kept>(receiver_, std::move(head_), std::move(body_), std::move(check_), std::move(secrets));
    const bool is_taken = kept->share.take(kept->body.size()) && receiver_.run_aside_([kept, respond] {
      kept->receiver.answer_verified(kept->head, kept->body, kept->secrets, respond);
    });
    if (!is_taken) respond(busy_response("server is busy", "over_budget", "too many large deliveries are under way"));
  }

 private:
  struct Kept {
    Kept(GithubReceiver& r, net::RequestHead h, std::string b, SignatureCheck c, std::vector<const Secret*> s)
        : receiver(r),
          head(std::move(h)),
          body(std::move(b)),
          check(std::move(c)),
          secrets(std::move(s)),
          share(r.budget_) {}
    GithubReceiver& receiver;
    net::RequestHead head;
    std::string body;
    SignatureCheck check;
    std::vector<const Secret*> secrets;
    BudgetShare share;
  };

  GithubReceiver& receiver_;
  net::RequestHead head_;
  SignatureCheck check_;
  BudgetShare share_;
  std::string body_;
  bool is_over_budget_ = false;
};

GithubReceiver::GithubReceiver(Secrets& secrets, Budget& budget, queue::Intake& intake, ReceiverOptions options,
                               std::function<std::int64_t()> depth,
                               std::function<bool(std::function<void()>)> run_aside)
    : secrets_(secrets),
      budget_(budget),
      intake_(intake),
      options_(options),
      depth_(std::move(depth)),
      run_aside_(std::move(run_aside)) {}

std::variant<Response, net::Accept> GithubReceiver::receive(const net::RequestHead& head) {
  if (head.content_length.value_or(0) > options_.max_body) return too_large_response(options_.max_body);
  const auto header = net::find_header(head.headers, "X-Hub-Signature-256");
  if (header.empty())
    return error_response(401, "missing signature", "missing_signature", "X-Hub-Signature-256 is required");
  auto signature = parse_signature(header);
  if (!signature)
    return error_response(401, "invalid signature", "invalid_signature",
                          "X-Hub-Signature-256 must be sha256=<64 hex digits>");
  return net::Accept{std::make_unique<Sink>(*this, head, std::move(*signature)), options_.max_body};
}

void GithubReceiver::answer_verified(const net::RequestHead& head, const std::string& body,
                                     const std::vector<const Secret*>& secrets, const net::Responder& respond) {
  const auto event_header = net::find_header(head.headers, "X-GitHub-Event");
  auto event = github::read_event(event_header, net::find_header(head.headers, "Content-Type"), body);
  if (!event) return respond(error_response(400, "invalid payload", "invalid_payload", event.error().message));
  if (const auto* ignored = std::get_if<github::Ignored>(&*event)) {
    json::Value answer = {{"status", "ignored"}, {"event", ignored->event}};
    if (!ignored->reason.empty()) answer["reason"] = ignored->reason;
    return respond(net::json_response(200, json::dump(answer)));
  }
  auto& spec = std::get<queue::JobSpec>(*event);
  const auto is_allowed = [&](const Secret* secret) {
    return is_allowed_repository(secret->repositories, spec.full_name);
  };
  const auto secret = std::find_if(secrets.begin(), secrets.end(), is_allowed);
  if (secret == secrets.end())
    return respond(
        error_response(401, "invalid signature", "invalid_signature", "the secret is not for this repository"));
  if (!(*secret)->repositories.empty() && !spec.url.empty() && !is_url_of(spec.url, spec.full_name))
    return respond(error_response(
        401, "invalid signature", "url_of_another_repository",
        "the secret is for some repositories only, and the path of repository.clone_url is not repository.full_name"));
  queue::Delivery delivery;
  const auto repository = spec.full_name.empty() ? spec.url : spec.full_name;
  auto keys =
      github::keys_of(scope_of(**secret), repository, net::find_header(head.headers, "X-GitHub-Delivery"), body);
  delivery.key = std::move(keys.delivery);
  delivery.body_key = std::move(keys.body);
  delivery.provider = "github";
  delivery.event = "push";
  delivery.job_id = base::random_uuid();
  delivery.spec = std::move(spec);
  enqueue(std::move(delivery), respond);
}

void GithubReceiver::enqueue(queue::Delivery delivery, const net::Responder& respond) {
  if (depth_() >= options_.queue_capacity)
    return respond(busy_response("queue is full", "queue_full", "jobs wait in the queue already"));
  const auto answer = [respond](const base::Result<queue::Accepted>& accepted) {
    respond(intake_response(accepted, "delivery"));
  };
  if (!intake_.submit(std::move(delivery), answer))
    respond(busy_response("queue is full", "intake_full", "deliveries wait for the job store already"));
}

}  // namespace cadence::ingest
