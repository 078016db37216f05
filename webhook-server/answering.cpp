#include "answering.hpp"

#include "feedback/metrics.hpp"

namespace cadence {

std::unique_ptr<feedback::Sender> begin_answering(queue::Store& store, const config::Config& config,
                                                  const links::Links& links, trace::Spans* spans) {
  if (config.feedback.empty() || store.outbox() == nullptr) return nullptr;
  const auto page_of = [&links](const std::string& id) { return links.url_of(id, base::system_clock().wall()); };
  feedback::SenderOptions how;
  how.spans = spans;
  return std::make_unique<feedback::Sender>(*store.outbox(), config.feedback_options(), page_of, how);
}

void wake_up(feedback::Sender* sender) {
  if (sender != nullptr) sender->wake();
}

std::string metrics_of(const feedback::Sender* sender) {
  return sender == nullptr ? "" : feedback::metrics_text(sender->state());
}

}  // namespace cadence
