// Which deliveries a provider has and the server has not, hook by hook.
#include <algorithm>

#include "pages/frame.hpp"
#include "pages/words.hpp"

namespace cadence::pages {
namespace {

constexpr std::size_t kProblemColumns = 600, kIdColumns = 60;
constexpr std::size_t kMostShown = 50;

Markup number(std::int64_t value) { return text(std::to_string(value)); }

Markup figure(const Markup& name, const Markup& value) {
  return "<div><dt>" + name + "</dt><dd>" + value + "</dd></div>\n";
}

Markup figures(const WatchedHook& hook) {
  return "<dl class=\"facts\">\n" + figure("Looked at", moment(hook.looked_at)) +
         figure("Listed then", number(hook.listed)) + figure("Found missing", number(hook.missing)) +
         figure("Asked for again", number(hook.asked)) + figure("Came back", number(hook.came_back)) +
         figure("Given up", number(hook.given_up)) + "</dl>\n";
}

Markup answer_of(int status) { return status == 0 ? Markup("nothing") : number(status); }

Markup row(const MissingDelivery& one) {
  return "<tr><th scope=\"row\"><code>" + words_of(one.id, kIdColumns) + "</code></th><td>" +
         words_of(one.repository.empty() ? "not known" : one.repository, kNameColumns) + "</td><td>" +
         answer_of(one.status) + "</td><td>" + number(one.asked) + "</td><td>" +
         (one.is_given_up ? Markup("given up: send it again at the provider") : Markup("is asked for")) + "</td><td>" +
         moment(one.since) + "</td></tr>\n";
}

Markup missing(const WatchedHook& hook, const Markup& label) {
  if (hook.open.empty()) return "<p>Nothing is missing.</p>\n";
  Markup out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Deliveries that are missing, " +
               label +
               "\">\n<table>\n<caption class=\"hidden\">Deliveries that are missing</caption>\n<thead><tr><th "
               "scope=\"col\">Delivery</th><th scope=\"col\">Repository</th><th scope=\"col\">Was answered</th><th "
               "scope=\"col\">Asked for</th><th scope=\"col\">State</th><th scope=\"col\">Known "
               "since</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < std::min(hook.open.size(), kMostShown); ++i) out += row(hook.open[i]);
  out += "</tbody>\n</table>\n</div>\n";
  if (hook.open.size() > kMostShown)
    out += "<p class=\"note\">And " + number(static_cast<std::int64_t>(hook.open.size() - kMostShown)) + " more.</p>\n";
  return out;
}

Markup section(const WatchedHook& hook, std::size_t i) {
  const auto id = "hook-" + text(std::to_string(i));
  const bool is_looked_at = hook.looked_at != base::Wall{};
  return "<section aria-labelledby=\"" + id + "\">\n<h2 id=\"" + id + "\">" + words_of(hook.name, kNameColumns) +
         "</h2>\n" +
         when(!hook.problem.empty(), "<p class=\"refusal\"><strong>It could not be looked at to the end:</strong> " +
                                         words_of(hook.problem, kProblemColumns) + "</p>\n") +
         (is_looked_at ? figures(hook) + missing(hook, words_of(hook.name, kNameColumns))
                       : Markup("<p>Nobody has looked yet.</p>\n")) +
         "</section>\n";
}

}  // namespace

std::string deliveries_page(const Setting& setting, const std::vector<WatchedHook>& hooks) {
  Markup main =
      "<div class=\"heading\"><h1>Deliveries</h1></div>\n<p>What a provider has sent is compared with what was taken; "
      "what "
      "is missing is asked for again.</p>\n";
  if (hooks.empty())
    main +=
        "<section><p>No hook is watched. Say in <code>webhook.reconcile.hooks</code> whose deliveries are to be "
        "compared, "
        "in a cluster in <code>spec.webhook.reconcileDeliveries</code>.</p></section>\n";
  for (std::size_t i = 0; i < hooks.size(); ++i) main += section(hooks[i], i);
  return framed(setting, {"Deliveries", Place::Deliveries, false}, main);
}

}  // namespace cadence::pages
