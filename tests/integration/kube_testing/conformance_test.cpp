// The simulated API server against a real one: the same random requests to both, and the same answers. KUBECONFIG
// names the real one (hack/cluster kubeconfig); CADENCE_CONFORMANCE_SEED and _STEPS choose what is asked.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/text.hpp"
#include "kube/client/config.hpp"
#include "kube/testing/connection.hpp"
#include "kube/types/coordination.hpp"
#include "kube/types/core.hpp"

namespace cadence::kube::testing {
namespace {

using namespace std::chrono_literals;

const core::KindInfo kNamespace{"", "v1", "Namespace", "namespaces", false};
const core::KindInfo kDefinition{"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions",
                                 false};

// One request in words that mean the same to both servers: versions and uids are those of each server's own objects.
struct Question {
  enum class Version { None, Present, Old };
  enum class Uid { None, Own, Other };
  std::string method, type, name, subresource, manager;
  bool is_forced = false;
  Version version = Version::None;
  Uid uid = Uid::None;
  json::Value body;
};

std::string to_text(const Question& question) {
  static const char* const versions[] = {"", " at its version", " at an old version"};
  static const char* const uids[] = {"", " with its uid", " with another uid"};
  return question.method + " " + question.type + " " + question.name + " " + question.subresource + " as " +
         question.manager + (question.is_forced ? " by force" : "") + versions[static_cast<int>(question.version)] +
         uids[static_cast<int>(question.uid)] + " " + json::dump(question.body);
}

struct Side {
  std::string space;
  std::function<net::Response(const net::Request&)> send;
  std::map<std::string, json::Value> latest, earlier;  // objects by kind and name

  net::Response ask(const core::KindInfo& kind, const Question& question) {
    const auto key = kind.kind + question.name;
    auto body = question.body;
    fill(kind, key, question, body);
    auto target = kind.path(space, question.method == "POST" ? "" : question.name);
    if (!question.subresource.empty()) target += "/" + question.subresource;
    target += "?fieldManager=" + question.manager + (question.is_forced ? "&force=true" : "");
    if (question.method == "DELETE") target = kind.path(space, question.name);
    auto answer = send(
        {question.method, target, {{"Accept", "application/json"}, {"Content-Type", question.type}}, json::dump(body)});
    look(kind, question.name);
    return answer;
  }

  void look(const core::KindInfo& kind, const std::string& name) {
    const auto found = send({"GET", kind.path(space, name), {{"Accept", "application/json"}}, ""});
    auto& held = latest[kind.kind + name];
    auto now = found.status == 200 ? *json::parse(found.body) : json::Value(nullptr);
    if (!held.is_null() && held != now) earlier[kind.kind + name] = held;
    held = std::move(now);
  }

 private:
  void fill(const core::KindInfo& kind, const std::string& key, const Question& question, json::Value& body) {
    const auto of = [&](const json::Value& object, const char* what) {
      return json::string_at(object, {"metadata", what});
    };
    const auto version = question.version == Question::Version::Present ? of(latest[key], "resourceVersion")
                         : question.version == Question::Version::Old   ? of(earlier[key], "resourceVersion")
                                                                        : "";
    const auto uid = question.uid == Question::Uid::Own     ? of(latest[key], "uid")
                     : question.uid == Question::Uid::Other ? "11111111-2222-4333-8444-555555555555"
                                                            : "";
    auto& where = question.method == "DELETE" ? body["preconditions"] : body["metadata"];
    if (!version.empty()) where["resourceVersion"] = version;
    if (!uid.empty()) where["uid"] = uid;
    if (question.method == "DELETE") {
      body["kind"] = "DeleteOptions";
      body["apiVersion"] = "v1";
      if (where.is_null()) body.erase("preconditions");
      return;
    }
    if (where.is_null()) body.erase("metadata");
    if (question.type == "application/merge-patch+json") return;
    body["apiVersion"] = kind.api_version();
    body["kind"] = kind.kind;
    body["metadata"]["name"] = question.name;
  }
};

class Questions {
 public:
  Questions(unsigned seed, std::vector<core::KindInfo> kinds) : random_(seed), kinds_(std::move(kinds)) {}

  std::pair<core::KindInfo, Question> next() {
    const auto& kind = kinds_[up_to(kinds_.size())];
    Question out;
    out.name = pick({"a", "b"});
    out.manager = pick({"us", "them"});
    const bool has_status = kind.kind.starts_with("Kiln");
    switch (up_to(8)) {
      case 0:
        out.method = "POST";
        out.type = "application/json";
        out.body = content(kind);
        return {kind, out};
      case 1:
        out.method = "DELETE";
        out.type = "application/json";
        break;
      case 2:
        out.method = "PUT";
        out.type = "application/json";
        out.body = content(kind);
        out.version = up_to(4) == 0 ? Question::Version::None : Question::Version::Present;
        break;
      case 3:
        out.method = "PATCH";
        out.type = "application/merge-patch+json";
        out.body = patch(kind);
        break;
      default:
        out.method = "PATCH";
        out.type = "application/apply-patch+yaml";
        out.body = content(kind);
        out.is_forced = true;  // whom an apply without force would hurt depends on who once owned what became empty
    }
    // A PUT of the status takes fields that it does not name from their owners, and leaves them: nobody here does that.
    if (has_status && out.method == "PATCH" && up_to(3) == 0) {
      out.subresource = "status";
      out.body = {{"status", {{"x", value()}}}};
    }
    if (up_to(8) == 0) out.version = Question::Version::Old;
    if (up_to(8) == 0) out.uid = up_to(2) == 0 ? Question::Uid::Own : Question::Uid::Other;
    return {kind, out};
  }

 private:
  std::size_t up_to(std::size_t end) { return random_() % end; }
  std::string pick(const std::vector<std::string>& from) { return from[up_to(from.size())]; }
  std::string value() { return pick({"1", "2"}); }

  // Some of the fields, each with one of two values.
  json::Value content(const core::KindInfo& kind) {
    auto out = json::Value::object();
    for (const char* label : {"l", "m"}) {
      if (up_to(3) == 0) out["metadata"]["labels"][label] = value();
    }
    if (up_to(6) == 0) out["metadata"]["finalizers"] = json::Value::array({pick({"test.example/f", "test.example/g"})});
    if (kind.kind == "Lease") {
      for (const char* field : {"holderIdentity", "preferredHolder"}) {
        if (field == std::string("holderIdentity") && up_to(2) == 0) out["spec"][field] = value();
      }
      if (up_to(2) == 0) out["spec"]["leaseDurationSeconds"] = 1 + up_to(2);
      return out;
    }
    const bool is_kiln = kind.kind.starts_with("Kiln");
    auto& data = out[is_kiln ? "spec" : "data"];
    data = json::Value::object();
    // Never all of an object's members: what becomes of one that lost its last one depends on schemas.
    for (const char* key : {"x", "y", "z"}) {
      if (key == std::string("y") || up_to(2) == 0)
        data[key] = kind.kind == "Secret" ? base::to_base64(value()) : value();
    }
    if (is_kiln && up_to(2) == 0) data["list"] = json::Value::array({value()});
    if (is_kiln) data["deep"]["p"] = value();
    if (is_kiln && up_to(2) == 0) data["deep"]["q"] = value();
    return out;
  }

  json::Value patch(const core::KindInfo& kind) {
    auto out = content(kind);
    if (out.contains("metadata")) out["metadata"].erase("finalizers");
    if (up_to(3) == 0) out["metadata"]["finalizers"] = nullptr;
    if (out.contains("metadata") && out["metadata"].empty()) out.erase("metadata");
    for (const char* part : {"spec", "data"}) {
      if (out.contains(part) && up_to(2) == 0) out[part]["x"] = nullptr;
    }
    if (kind.kind == "Lease" && out.contains("spec")) out["spec"].erase("x");
    return out;
  }

  std::mt19937 random_;
  std::vector<core::KindInfo> kinds_;
};

// Without what no two servers share.
json::Value comparable(json::Value object) {
  if (!object.is_object() || !object.contains("metadata")) return object;
  auto& metadata = object["metadata"];
  for (const char* name : {"uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace"})
    metadata.erase(name);
  if (metadata.contains("deletionTimestamp")) metadata["deletionTimestamp"] = "T";
  // A built-in kind's Go struct writes its empty parts, or leaves them out, field by field.
  if (!json::string_at(object, {"kind"}).starts_with("Kiln")) {
    for (const char* part : {"spec", "data"}) {
      if (object.contains(part) && object.at(part).empty()) object.erase(part);
    }
  }
  return object;
}

class Conformance : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    ASSERT_NE(std::getenv("KUBECONFIG"), nullptr) << "set KUBECONFIG to the kubeconfig of a test cluster";
    config = *client::discover();
    transport = net::make_beast_transport(client::origin_of(config));
    real.space = "conformance-" + word;
    real.send = [this](const net::Request& request) {
      auto with = request;
      with.target = config->path_prefix() + request.target;
      if (const auto authorization = config->authorization(); authorization && !authorization->empty())
        with.headers.push_back({"Authorization", *authorization});
      auto answer = transport->send(with, 10s, {});
      EXPECT_TRUE(answer) << answer.error().message;
      return answer ? *answer : net::Response{0, {}, ""};
    };
    simulated.space = real.space;
    simulated.send = [this](const net::Request& request) { return server.answer(request); };
    make_surroundings();
  }

  void TearDown() override {
    if (!config) return;
    for (const auto& kind : {kKiln, types::ConfigMap::kind_info()}) {
      for (const char* name : {"a", "b"})
        real.send({"PATCH",
                   kind.path(real.space, name),
                   {{"Content-Type", "application/merge-patch+json"}},
                   R"({"metadata":{"finalizers":null}})"});
    }
    real.send({"DELETE", kNamespace.path("", real.space), {}, ""});
    real.send({"DELETE", kDefinition.path("", kKiln.plural + "." + kKiln.group), {}, ""});
  }

  void make_surroundings() {
    const json::Value space{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", real.space}}}};
    ASSERT_EQ(
        real.send({"POST", kNamespace.path("", ""), {{"Content-Type", "application/json"}}, json::dump(space)}).status,
        201);
    auto definition = *json::parse(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
      "spec":{"scope":"Namespaced","versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
      "schema":{"openAPIV3Schema":{"type":"object","properties":{"status":{"type":"object","properties":{
      "x":{"type":"string"}}},"spec":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"},
      "z":{"type":"string"},"list":{"type":"array","items":{"type":"string"}},"deep":{"type":"object","properties":{
      "p":{"type":"string"},"q":{"type":"string"}}}}}}}}}]}})");
    definition["metadata"]["name"] = kKiln.plural + "." + kKiln.group;
    definition["spec"]["group"] = kKiln.group;
    definition["spec"]["names"] = {{"kind", kKiln.kind}, {"plural", kKiln.plural}, {"singular", "kiln" + word}};
    ASSERT_EQ(
        real.send({"POST", kDefinition.path("", ""), {{"Content-Type", "application/json"}}, json::dump(definition)})
            .status,
        201);
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (real.send({"GET", kKiln.path(real.space, ""), {}, ""}).status != 200) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << "the kind is not served";
      base::wait_for({}, 100ms);
    }
    base::wait_for({}, 1s);  // its handlers are exchanged once more after it is established
  }

  static int number_from(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atoi(text);
  }

  const std::string word = base::to_hex(base::random_bytes(3));
  const core::KindInfo kKiln{"conformance-" + word + ".example", "v1", "Kiln", "kilns", true};
  std::shared_ptr<client::ConfigSource> config;
  std::unique_ptr<net::Transport> transport;
  ApiServer server{base::system_clock(), {kKiln}};
  Side real, simulated;
};

TEST_P(Conformance, TheSameRequestsGetTheSameAnswers) {
  const int seed = number_from("CADENCE_CONFORMANCE_SEED", GetParam());
  const int steps = number_from("CADENCE_CONFORMANCE_STEPS", 250);
  Questions questions(static_cast<unsigned>(seed),
                      {types::ConfigMap::kind_info(), types::Secret::kind_info(), types::Lease::kind_info(), kKiln});
  std::map<int, int> codes;
  int divergences = 0;
  for (int step = 0; step < steps && divergences < 10; ++step) {
    const auto [kind, question] = questions.next();
    const auto key = kind.kind + question.name;
    const auto before = comparable(real.latest[key]);
    const auto expected = real.ask(kind, question), found = simulated.ask(kind, question);
    ++codes[expected.status];
    const auto want = comparable(real.latest[key]), have = comparable(simulated.latest[key]);
    if (expected.status == found.status && want == have) continue;
    ++divergences;
    ADD_FAILURE() << "seed " << seed << ", step " << step << ": " << kind.kind << ": " << to_text(question)
                  << "\n  on         " << json::dump(before) << "\n  answered   " << expected.status << " "
                  << expected.body.substr(0, 600) << "\n  simulated  " << found.status << " "
                  << found.body.substr(0, 600) << "\n  real       " << json::dump(want) << "\n  simulated  "
                  << json::dump(have);
    break;  // from here on they are two different worlds
  }
  for (const auto& [code, count] : codes) std::printf("%d: %d answers\n", code, count);
}

INSTANTIATE_TEST_SUITE_P(, Conformance, ::testing::Range(1, 5));

}  // namespace
}  // namespace cadence::kube::testing
