#include "forge_double.hpp"

#include <algorithm>
#include <fstream>
#include <regex>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::test {

using net::Response;

namespace {

constexpr const char* kInstallationToken = "ghs_of-the-installation";

// An API as its documentation has it.
struct Documented {
  const char* path;     // behind the API's URL; 1: the repository, 2: the commit
  const char* header;   // that shows the token
  std::string shown;    // before it
  const char* context;  // member with our name
  const char* url;      // member with the link
  std::vector<std::string> states;
  std::size_t longest_description, longest_url;
  bool needs_url;
  int answer;
};

const std::map<std::string, Documented>& documented() {
  static const std::map<std::string, Documented> all = {
      {"github",
       {"/api/v3/repos/([^/]+/[^/]+)/statuses/([0-9a-f]{40})",
        "Authorization",
        "Bearer ",
        "context",
        "target_url",
        {"error", "failure", "pending", "success"},
        140,
        2048,
        false,
        201}},
      {"gitlab",
       {"/api/v4/projects/([^/]+)/statuses/([0-9a-f]{40})",
        "PRIVATE-TOKEN",
        "",
        "name",
        "target_url",
        {"pending", "running", "success", "failed", "canceled"},
        255,
        255,
        false,
        201}},
      {"gitea",
       {"/api/v1/repos/([^/]+/[^/]+)/statuses/([0-9a-f]{40})",
        "Authorization",
        "token ",
        "context",
        "target_url",
        {"pending", "success", "error", "failure", "warning"},
        255,
        2048,
        false,
        201}},
      {"bitbucket",
       {"/2.0/repositories/([^/]+/[^/]+)/commit/([0-9a-f]{40})/statuses/build",
        "Authorization",
        "Bearer ",
        "key",
        "url",
        {"SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED"},
        255,
        2048,
        true,
        201}},
      {"bitbucketServer",
       {"/rest/api/latest/projects/([^/]+/repos/[^/]+)/commits/([0-9a-f]{40})/builds",
        "Authorization",
        "Bearer ",
        "key",
        "url",
        {"SUCCESSFUL", "FAILED", "INPROGRESS", "CANCELLED", "UNKNOWN"},
        255,
        450,
        true,
        204}}};
  return all;
}

std::string decoded(std::string text) {
  text = base::replace_all(base::replace_all(std::move(text), "-", "+"), "_", "/");
  while (text.size() % 4 != 0) text += '=';
  return base::from_base64(text).value_or("");
}

}  // namespace

class ForgeDouble::Sink final : public net::RequestSink {
 public:
  Sink(ForgeDouble& owner, net::RequestHead head) : owner_(owner), head_(std::move(head)) {}
  void on_body(std::string_view piece) override { body_ += piece; }
  void on_complete(net::Responder respond) override { owner_.receive(head_, body_, respond); }

 private:
  ForgeDouble& owner_;
  net::RequestHead head_;
  std::string body_;
};

ForgeDouble::ForgeDouble() {
  const auto now = base::system_clock().wall();
  const auto ca = net::make_ca("forges of the tests", std::chrono::hours(24), now);
  const auto pair = net::issue_certificate(*ca, {.common_name = "forge", .ip_addresses = {"127.0.0.1"}}, now);
  if (!pair) throw std::runtime_error(pair.error().message);
  std::ofstream(ca_file()) << ca->certificate_pem;
  write_token(kToken);
  if (run({"openssl", "genrsa", "-out", app_key_file(), "2048"}) != 0) throw std::runtime_error("no key was made");
  net::ServerOptions options;
  options.address = "127.0.0.1";
  options.port = 0;
  options.tls = net::ServerTls{pair->certificate_pem, pair->key_pem};
  auto started =
      net::start_server(options, [this](const net::RequestHead& head) -> std::variant<Response, net::Accept> {
        return net::Accept{std::make_unique<Sink>(*this, head)};
      });
  if (!started) throw std::runtime_error(started.error().message);
  server_ = std::move(*started);
}

ForgeDouble::~ForgeDouble() { close(); }

std::string ForgeDouble::url(const std::string& name) const {
  return "https://127.0.0.1:" + std::to_string(server_->port()) + "/" + name;
}

void ForgeDouble::write_token(const std::string& token) const {
  // As the kubelet does: whoever reads sees the old one or the new one.
  std::ofstream(token_file() + ".new") << token << "\n";
  std::filesystem::rename(token_file() + ".new", token_file());
}

void ForgeDouble::answer_next(std::vector<Response> answers) {
  const std::lock_guard lock(mutex_);
  next_.assign(answers.begin(), answers.end());
}

void ForgeDouble::answer_all(std::optional<Response> answer) {
  const std::lock_guard lock(mutex_);
  always_ = std::move(answer);
}

std::vector<Told> ForgeDouble::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

std::vector<std::string> ForgeDouble::states(const std::string& commit) const {
  std::vector<std::string> out;
  for (const auto& one : told())
    if (one.commit == commit) out.push_back(one.state);
  return out;
}

std::vector<std::string> ForgeDouble::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

int ForgeDouble::requests() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(lines_.size());
}

int ForgeDouble::count(const std::string& method_and_part) const {
  const std::lock_guard lock(mutex_);
  const auto space = method_and_part.find(' ');
  return static_cast<int>(std::count_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
    return line.starts_with(method_and_part.substr(0, space + 1)) &&
           line.find(method_and_part.substr(space + 1)) != std::string::npos;
  }));
}

void ForgeDouble::receive(const net::RequestHead& head, const std::string& body, const net::Responder& respond) {
  const std::lock_guard lock(mutex_);
  lines_.push_back(head.method + " " + head.target);
  std::optional<Response> told = always_;
  if (!next_.empty()) {
    told = next_.front();
    next_.pop_front();
  }
  if (told && told->status == 0) hanging_.push_back(respond);
  else respond(told ? *told : answer(head, body));
}

Response ForgeDouble::fault(int status, const std::string& why) {
  faults_.push_back(why);
  return net::json_response(status, json::dump({{"message", why}}));
}

Response ForgeDouble::answer(const net::RequestHead& head, const std::string& body) {
  const auto slash = head.target.find('/', 1);
  const auto name = head.target.substr(1, slash - 1);
  const auto path = slash == std::string::npos ? "" : head.target.substr(slash);
  if (!documented().contains(name)) return fault(404, "no such API: " + head.target);
  if (net::find_header(head.headers, "User-Agent").empty()) return fault(403, "a request without a User-Agent");
  if (path.find("/app/") != std::string::npos || path.ends_with("/installation")) return take_app(head, path, body);
  if (path.find("/check-runs") != std::string::npos) return take_check_run(head, path, body);
  return take_status(name, head, path, body);
}

Response ForgeDouble::take_status(const std::string& api, const net::RequestHead& head, const std::string& path,
                                  const std::string& body) {
  const auto& rules = documented().at(api);
  std::smatch parts;
  if (head.method != "POST" || !std::regex_match(path, parts, std::regex(rules.path)))
    return fault(404, "not documented: " + head.method + " " + path);
  if (net::find_header(head.headers, rules.header) != rules.shown + kToken)
    return net::json_response(401, R"({"message":"Bad credentials"})");
  const auto status = json::parse(body);
  if (!status || !status->is_object() || net::find_header(head.headers, "Content-Type") != "application/json")
    return fault(400, "no JSON: " + body);
  const Told told{api,
                  net::percent_decode(parts[1].str()),
                  parts[2].str(),
                  json::string_at(*status, {"state"}),
                  json::string_at(*status, {"description"}),
                  json::string_at(*status, {rules.url})};
  if (std::find(rules.states.begin(), rules.states.end(), told.state) == rules.states.end())
    return fault(422, "state is " + told.state);
  if (json::string_at(*status, {rules.context}) != "cadence") return fault(422, "the name is not ours: " + body);
  if (told.description.empty() || told.description.size() > rules.longest_description)
    return fault(422, "description: " + told.description);
  if ((rules.needs_url && told.url.empty()) || told.url.size() > rules.longest_url)
    return fault(422, "url: " + told.url);
  told_.push_back(told);
  return rules.answer == 204 ? Response{204, {}, ""} : net::json_response(rules.answer, body);
}

std::optional<Response> ForgeDouble::refuse_app(const net::RequestHead& head) {
  const auto shown = std::string(net::find_header(head.headers, "Authorization"));
  const auto parts = base::split(shown.substr(std::min<std::size_t>(shown.size(), 7)), '.');
  const auto claims = parts.size() == 3 ? json::parse(decoded(parts[1])) : json::parse("");
  std::ifstream key_file(app_key_file());
  const std::string key((std::istreambuf_iterator<char>(key_file)), {});
  // What this key signs is what it was asked to sign: RS256 has one signature of a text.
  if (!claims || net::sign_rs256(key, parts[0] + "." + parts[1]).value() != decoded(parts[2]))
    return fault(401, "no proof of the App: " + shown);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().wall().time_since_epoch());
  const auto number = [&](const char* name) { return json::at_path(*claims, {name}).get<std::int64_t>(); };
  if (json::string_at(*claims, {"iss"}) != "4711" || number("iat") > now.count() || number("exp") > now.count() + 600)
    return fault(401, "claims: " + json::dump(*claims));
  return std::nullopt;
}

Response ForgeDouble::take_app(const net::RequestHead& head, const std::string& path, const std::string& body) {
  if (auto refused = refuse_app(head)) return *refused;
  if (head.method == "GET" && std::regex_match(path, std::regex("/api/v3/repos/[^/]+/[^/]+/installation")))
    return net::json_response(200, R"({"id":99,"account":{"login":"potters"}})");
  if (head.method != "POST" || path != "/api/v3/app/installations/99/access_tokens")
    return fault(404, "not documented: " + head.method + " " + path);
  const auto wanted = json::parse(body);
  if (!wanted || json::at_path(*wanted, {"permissions"}) != json::Value{{"checks", "write"}} ||
      json::at_path(*wanted, {"repositories"}).size() != 1)
    return fault(422, "asks for more than it needs: " + body);
  const auto end = base::format_rfc3339(base::system_clock().wall() + std::chrono::hours(1));
  return net::json_response(201, json::dump({{"token", kInstallationToken}, {"expires_at", end}}));
}

Response ForgeDouble::take_check_run(const net::RequestHead& head, const std::string& path, const std::string& body) {
  if (net::find_header(head.headers, "Authorization") != std::string("Bearer ") + kInstallationToken)
    return net::json_response(401, R"({"message":"Bad credentials"})");
  std::smatch parts;
  if (head.method == "GET") {
    if (!std::regex_match(path, std::regex("/api/v3/repos/[^/]+/[^/]+/commits/[0-9a-f]{40}/check-runs\\?.*")))
      return fault(404, "not documented: GET " + path);
    auto all = json::Value::array();
    for (const auto& [id, run] : runs_) all.push_back(run);
    return net::json_response(200, json::dump({{"total_count", all.size()}, {"check_runs", all}}));
  }
  const auto run = json::parse(body);
  if (!run || !std::regex_match(path, parts, std::regex("/api/v3/repos/([^/]+/[^/]+)/check-runs(?:/([0-9]+))?")))
    return fault(404, "not documented: " + head.method + " " + path);
  const bool is_new = head.method == "POST" && !parts[2].matched;
  if (!is_new && (head.method != "PATCH" || !parts[2].matched)) return fault(404, head.method + " " + path);
  const auto id = is_new ? static_cast<std::int64_t>(runs_.size()) + 1 : std::stoll(parts[2].str());
  if (is_new && (json::string_at(*run, {"name"}) != "cadence" || json::string_at(*run, {"head_sha"}).size() != 40))
    return fault(422, "name and head_sha: " + body);
  if (!is_new && !runs_.contains(id)) return fault(404, "no such check run: " + path);
  const auto conclusion = json::string_at(*run, {"conclusion"});
  if ((json::string_at(*run, {"status"}) == "completed") == conclusion.empty()) return fault(422, "status: " + body);
  if (json::string_at(*run, {"output", "title"}).empty() || json::string_at(*run, {"output", "summary"}).empty())
    return fault(422, "output: " + body);
  auto& kept = runs_[id];
  kept.is_null() ? void(kept = *run) : kept.merge_patch(*run);
  kept["id"] = id;
  told_.push_back({"github", parts[1].str(), json::string_at(kept, {"head_sha"}),
                   conclusion.empty() ? json::string_at(*run, {"status"}) : conclusion,
                   json::string_at(*run, {"output", "title"}), json::string_at(*run, {"details_url"})});
  return net::json_response(is_new ? 201 : 200, json::dump(kept));
}

}  // namespace cadence::test
