// Signing in and out, and pages that say one thing.
#include "pages/frame.hpp"

namespace cadence::pages {
namespace {

Markup sign_in_form(const Setting& setting, const SignIn& sign_in) {
  const bool is_refused = !sign_in.refusal.empty();
  Markup out = "<section class=\"narrow\">\n<h1>Sign in</h1>\n<form method=\"post\" action=\"" +
               way_to(setting, "sign-in") + "\">\n<input type=\"hidden\" name=\"next\" value=\"" + text(sign_in.next) +
               "\">\n<input name=\"user\" value=\"cadence\" autocomplete=\"username\" hidden>\n<label "
               "for=\"token\">Token</label>\n<input id=\"token\" name=\"token\" type=\"password\" required "
               "autocomplete=\"current-password\" spellcheck=\"false\"" +
               when(is_refused, " aria-invalid=\"true\" aria-describedby=\"refusal\" autofocus") + ">\n";
  if (is_refused) out += "<p class=\"refusal\" id=\"refusal\" role=\"alert\">" + text(sign_in.refusal) + "</p>\n";
  return out +
         "<button type=\"submit\">Sign in</button>\n</form>\n<p class=\"note\">The token is the one that the server's "
         "API asks for. It is not kept in the browser.</p>\n</section>\n";
}

}  // namespace

std::string sign_in_page(const Setting& setting, const SignIn& sign_in) {
  if (!sign_in.is_signed_in) return framed(setting, {"Sign in", Place::Account, false}, sign_in_form(setting, sign_in));
  return framed(setting, {"Account", Place::Account, false},
                "<section class=\"narrow\">\n<h1>Account</h1>\n<p>You are signed in.</p>\n<form method=\"post\" "
                "action=\"" +
                    way_to(setting, "sign-out") +
                    "\">\n<button type=\"submit\">Sign out</button>\n</form>\n</section>\n");
}

std::string notice_page(const Setting& setting, const Notice& notice) {
  Markup main = "<section class=\"narrow\">\n<h1>" + text(notice.title) + "</h1>\n<p>" + text(notice.words) + "</p>\n";
  if (notice.offers_sign_in) main += "<p><a href=\"" + way_to(setting, "sign-in") + "\">Sign in</a></p>\n";
  if (notice.offers_reload) main += "<p><a href=\"\">Try again</a></p>\n";
  return framed(setting, {notice.title, Place::Elsewhere, false}, main + "</section>\n");
}

}  // namespace cadence::pages
