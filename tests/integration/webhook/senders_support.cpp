#include "senders_support.hpp"

#include <openssl/evp.h>

#include <ctime>

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::test {

namespace {

using Headers = std::vector<net::Header>;

const std::string kKey = "0123456789abcdefghijklmnopqrstuv";  // 32 bytes
const std::string kOtherKey = "vutsrqponmlkjihgfedcba9876543210";

std::string hex(const std::string& secret, const std::string& body) {
  return base::to_hex(net::hmac_sha256(secret, body));
}

std::string github_shape(const Push& push) {
  return R"({"ref":"refs/heads/)" + push.branches[0] + R"(","before":"1f","after":")" + push.commit +
         R"(","repository":{"id":7,"name":"kiln","full_name":"potters/kiln","clone_url":")" + push.url +
         R"("},"pusher":{"id":1,"login":"mira","username":"mira"},"commits":[],"sent":")" + push.id + "\"}";
}

std::string gitlab_shape(const Push& push) {
  return R"({"object_kind":"push","ref":"refs/heads/)" + push.branches[0] + R"(","after":")" + push.commit +
         R"(","user_name":"Mira","project":{"id":7,"name":"kiln","path_with_namespace":"potters/kiln",)"
         R"("git_http_url":")" +
         push.url + R"("},"commits":[],"sent":")" + push.id + "\"}";
}

std::string listed(const Push& push, const std::function<std::string(const std::string&)>& one) {
  std::vector<std::string> parts;
  for (const auto& branch : push.branches) parts.push_back(one(branch));
  return base::join(parts, ",");
}

std::string cloud_shape(const Push& push) {
  const auto changes = listed(push, [&](const std::string& branch) {
    return R"({"old":null,"closed":false,"new":{"type":"branch","name":")" + branch + R"(","target":{"hash":")" +
           push.commit + "\"}}}";
  });
  return R"({"actor":{"display_name":"Mira"},"repository":{"name":"kiln","full_name":"potters/kiln",)"
         R"("links":{"html":{"href":")" +
         push.url + R"("}}},"push":{"changes":[)" + changes + R"(]},"sent":")" + push.id + "\"}";
}

std::string server_shape(const Push& push) {
  const auto changes = listed(push, [&](const std::string& branch) {
    return R"({"ref":{"id":"refs/heads/)" + branch + R"("},"toHash":")" + push.commit + R"(","type":"UPDATE"})";
  });
  return R"({"actor":{"name":"mira"},"repository":{"slug":"kiln","project":{"key":"POT"},)"
         R"("links":{"clone":[{"name":"http","href":")" +
         push.url + R"("}]}},"changes":[)" + changes + R"(],"sent":")" + push.id + "\"}";
}

std::string azure_shape(const Push& push) {
  const auto updates = listed(push, [&](const std::string& branch) {
    return R"({"name":"refs/heads/)" + branch + R"(","newObjectId":")" + push.commit + "\"}";
  });
  return R"({"id":")" + push.id + R"(","eventType":"git.push","resource":{"refUpdates":[)" + updates +
         R"(],"repository":{"name":"kiln","remoteUrl":")" + push.url + R"("},"pushedBy":{"displayName":"Mira"}}})";
}

std::string standard_shape(const Push& push) {
  return R"({"type":"repository.push","timestamp":"2026-03-04T10:00:00Z","data":)" + github_shape(push) + "}";
}

Headers standard_headers(const std::string& id, const std::string& body,
                         const std::function<std::string(const std::string&)>& sign) {
  const auto time = std::to_string(std::time(nullptr));
  return {{"webhook-id", id}, {"webhook-timestamp", time}, {"webhook-signature", sign(id + "." + time + "." + body)}};
}

std::string v1(const std::string& key, const std::string& text) {
  return "v1," + base::to_base64(net::hmac_sha256(key, text));
}

EVP_PKEY* private_key(const std::string& seed) {
  return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()),
                                      seed.size());
}

std::string public_key(const std::string& seed) {
  EVP_PKEY* key = private_key(seed);
  std::string out(32, '\0');
  std::size_t size = out.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(out.data()), &size);
  EVP_PKEY_free(key);
  return out;
}

std::string v1a(const std::string& seed, const std::string& text) {
  EVP_PKEY* key = private_key(seed);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string out(64, '\0');
  std::size_t size = out.size();
  EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return "v1a," + base::to_base64(out);
}

// Signed in one header: its name, what stands before the digits, and the headers of the event and the id.
TestSender signing(const std::string& name, const std::string& header, const std::string& prefix, Headers event,
                   const std::string& id_header, bool tells_many, std::function<std::string(const Push&)> body) {
  const std::string secret = "secret of " + name;
  return {name, secret, tells_many, std::move(body),
          [=](const std::string& id, const std::string& text, bool is_right) {
            auto headers = event;
            headers.push_back({id_header, id});
            headers.push_back({header, prefix + hex(is_right ? secret : "another", text)});
            return headers;
          }};
}

std::vector<TestSender> make() {
  const std::string token = "token of gitlab";
  std::vector<TestSender> out{
      signing("github", "X-Hub-Signature-256", "sha256=", {{"X-GitHub-Event", "push"}}, "X-GitHub-Delivery", false,
              github_shape),
      // As the real ones do, with the headers of those that came before them.
      signing("gitea", "X-Gitea-Signature", "",
              {{"X-Gitea-Event", "push"}, {"X-GitHub-Event", "push"}, {"X-Gogs-Event", "push"}}, "X-Gitea-Delivery",
              false, github_shape),
      signing("forgejo", "X-Forgejo-Signature", "", {{"X-Forgejo-Event", "push"}, {"X-Gitea-Event", "push"}},
              "X-Forgejo-Delivery", false, github_shape),
      signing("gogs", "X-Gogs-Signature", "", {{"X-Gogs-Event", "push"}}, "X-Gogs-Delivery", false, github_shape),
      signing("bitbucket", "X-Hub-Signature", "sha256=", {{"X-Event-Key", "repo:push"}, {"X-Hook-UUID", "h"}},
              "X-Request-UUID", true, cloud_shape),
      signing("bitbucketServer", "X-Hub-Signature", "sha256=", {{"X-Event-Key", "repo:refs_changed"}}, "X-Request-Id",
              true, server_shape),
  };
  out.push_back({"gitlab", token, false, gitlab_shape, [=](const std::string& id, const std::string&, bool is_right) {
                   return Headers{{"X-Gitlab-Event", "Push Hook"},
                                  {"Content-Type", "application/json"},
                                  {"Idempotency-Key", id},
                                  {"X-Gitlab-Token", is_right ? token : "another"}};
                 }});
  out.push_back({"gitlab", "whsec_" + base::to_base64(kKey), false, gitlab_shape,
                 [](const std::string& id, const std::string& body, bool is_right) {
                   auto headers = standard_headers(
                       id, body, [&](const std::string& text) { return v1(is_right ? kKey : kOtherKey, text); });
                   headers.push_back({"X-Gitlab-Event", "Push Hook"});
                   return headers;
                 }});
  out.push_back(
      {"azureDevOps", "cadence:hush", true, azure_shape, [](const std::string&, const std::string&, bool is_right) {
         const std::string credentials = is_right ? "cadence:hush" : "cadence:other";
         return Headers{{"Authorization", "Basic " + base::to_base64(credentials)}};
       }});
  out.push_back({"standard", "whsec_" + base::to_base64(kKey), false, standard_shape,
                 [](const std::string& id, const std::string& body, bool is_right) {
                   return standard_headers(id, body, [&](const std::string& text) {
                     return v1(kOtherKey, text) + " " + v1(is_right ? kKey : kOtherKey, text);
                   });
                 }});
  out.push_back({"standard", "whpk_" + base::to_base64(public_key(kKey)), false, standard_shape,
                 [](const std::string& id, const std::string& body, bool is_right) {
                   return standard_headers(
                       id, body, [&](const std::string& text) { return v1a(is_right ? kKey : kOtherKey, text); });
                 }});
  return out;
}

}  // namespace

const std::vector<TestSender>& test_senders() {
  static const auto all = make();
  return all;
}

}  // namespace cadence::test
