// The informer's thread over a scripted server: streams that break, expire, end early or hold nonsense.
#include "kube/cache/informer.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "documents.hpp"
#include "kube/cache/store.hpp"
#include "kube/types/core.hpp"

namespace cadence::kube::cache {
namespace {

using namespace std::chrono_literals;

struct Answer {
  int status = 200;
  std::vector<std::string> pieces{};
  bool is_cut = false;   // ends without the proper end
  bool is_open = false;  // stays open after the pieces
};

class Stream final : public net::ByteStream {
 public:
  explicit Stream(Answer answer) : answer_(std::move(answer)) {}
  int status() const override { return answer_.status; }
  const std::vector<net::Header>& headers() const override { return headers_; }
  base::Result<std::size_t> read_some(std::span<char> into, std::chrono::milliseconds, std::stop_token stop) override {
    if (next_ < answer_.pieces.size()) {
      auto& piece = answer_.pieces[next_];
      const auto count = std::min(piece.size(), into.size());
      std::copy_n(piece.begin(), count, into.begin());
      piece.erase(0, count);
      if (piece.empty()) ++next_;
      return count;
    }
    if (answer_.is_open) base::wait_for(stop, 1h);
    if (answer_.is_open || answer_.is_cut) return base::Error{base::ErrorKind::Transient, "cut"};
    return std::size_t{0};
  }

 private:
  Answer answer_;
  std::size_t next_ = 0;
  std::vector<net::Header> headers_;
};

// Answers watches and lists in the order of the script; the last watch stays open.
struct Script final : net::StreamOpener {
  base::Result<std::unique_ptr<net::ByteStream>> open(const net::Request& request, std::chrono::milliseconds,
                                                      std::stop_token) override {
    const std::lock_guard lock(mutex);
    targets.push_back(request.target);
    Answer answer{200, {}, false, true};
    if (!watches.empty()) {
      answer = watches.front();
      watches.pop_front();
    }
    return std::unique_ptr<net::ByteStream>(std::make_unique<Stream>(std::move(answer)));
  }
  std::mutex mutex;
  std::deque<Answer> watches;
  std::vector<std::string> targets;
};

struct Lists final : net::Transport {
  base::Result<net::Response> send(const net::Request& request, std::chrono::milliseconds, std::stop_token) override {
    const std::lock_guard lock(mutex);
    targets.push_back(request.target);
    if (answers.empty()) return net::json_response(500, "{}");
    auto answer = answers.front();
    answers.pop_front();
    return answer;
  }
  std::mutex mutex;
  std::deque<net::Response> answers;
  std::vector<std::string> targets;
};

struct InformerTest : ::testing::Test {
  void start() {
    store.subscribe([this](const auto&, const auto&) {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    });
    informer.emplace(types::ConfigMap::kind_info(), Selection{"demo", "a=b", ""}, Connections{config, script, client},
                     store);
    informer->start();
  }
  bool becomes(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    for (const auto end = std::chrono::steady_clock::now() + 10s;
         !condition() && std::chrono::steady_clock::now() < end;)
      changed.wait_for(lock, 20ms);
    return condition();
  }
  bool has(const std::string& name, const std::string& version) {
    const auto found = store.get({"demo", name});
    return found && found->metadata.resource_version == version;
  }
  std::vector<std::string> targets() {
    const std::lock_guard lock(script.mutex);
    return script.targets;
  }
  std::shared_ptr<client::ConfigSource> config =
      client::make_config_source({.host = "api", .is_tls = false, .exec = {}});
  Script script;
  Lists* lists = new Lists;
  client::Client client{std::unique_ptr<net::Transport>(lists), config, {}};
  Store<types::ConfigMap> store;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Informer> informer;
};

TEST_F(InformerTest, ResumesWhereAStreamWasCutInTheMiddleOfALine) {
  const auto last = line("MODIFIED", object("a", "11"));
  script.watches = {{200,
                     {line("ADDED", object("a", "7")) + line("BOOKMARK", bookmark("10", true)).substr(0, 9),
                      line("BOOKMARK", bookmark("10", true)).substr(9)}},
                    {200, {last.substr(0, last.size() / 2)}, true},
                    {200, {last}, false, true}};
  start();
  ASSERT_TRUE(becomes([&] { return has("a", "11"); }));
  const auto asked = targets();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_NE(asked[0].find("sendInitialEvents=true"), std::string::npos);
  EXPECT_NE(asked[0].find("labelSelector=a%3Db"), std::string::npos);
  EXPECT_NE(asked[1].find("resourceVersion=10"), std::string::npos);
  EXPECT_NE(asked[2].find("resourceVersion=10"), std::string::npos);
  EXPECT_LT(informer->idle(), 5s);
}

TEST_F(InformerTest, ListsWhenStreamingListsAreRefused) {
  script.watches = {{422, {json::dump(status(422, "Invalid"))}},
                    {200, {line("DELETED", object("a", "6"))}, false, true}};
  lists->answers = {net::json_response(
      200, json::dump({{"items", {object("a", "1"), object("b", "2")}}, {"metadata", {{"resourceVersion", "5"}}}}))};
  start();
  ASSERT_TRUE(becomes([&] { return store.is_synced() && !store.get({"demo", "a"}); }));
  EXPECT_TRUE(has("b", "2"));
  EXPECT_NE(lists->targets.at(0).find("resourceVersion=0"), std::string::npos);
  EXPECT_NE(lists->targets.at(0).find("limit=500"), std::string::npos);
}

TEST_F(InformerTest, ExpiredInAllItsFormsStartsANewPicture) {
  const auto whole = [](const std::string& name, const std::string& version) {
    return line("ADDED", object(name, version)) + line("BOOKMARK", bookmark(version, true));
  };
  script.watches = {{200, {whole("a", "10")}},
                    {200, {line("ERROR", status(410, "Expired"))}},
                    {200, {whole("b", "20")}},
                    {200, {json::dump(status(410, "Expired"))}},  // bare, without a line end
                    {200, {whole("c", "30")}},
                    {410, {json::dump(status(410, "Gone"))}},
                    {200, {whole("d", "40")}, false, true}};
  start();
  ASSERT_TRUE(becomes([&] { return has("d", "40"); }));
  EXPECT_EQ(store.size(), 1u);
}

TEST_F(InformerTest, NonsenseInTheStreamIsPassedOver) {
  script.watches = {
      {200,
       {line("BOOKMARK", bookmark("10", true)), "nonsense\n{\"type\":\"NEW\"}\n\n", line("ADDED", object("a", "11"))},
       false,
       true}};
  start();
  EXPECT_TRUE(becomes([&] { return has("a", "11"); }));
}

TEST_F(InformerTest, SaysHowItStandsWithTheServer) {
  // Twice: the pause after the first refusal may be shorter than a look.
  script.watches = {{404, {"404 page not found"}}, {404, {"404 page not found"}}};
  EXPECT_FALSE(informer);
  start();
  EXPECT_TRUE(becomes([&] { return informer->standing() == Standing::NotInstalled; }));
  EXPECT_TRUE(becomes([&] { return informer->standing() == Standing::Served; }));
  EXPECT_FALSE(store.is_synced());
}

TEST_F(InformerTest, AKindThatIsUnknownToListsIsNotInstalled) {
  script.watches = {{422, {json::dump(status(422, "Invalid"))}}};
  lists->answers = {net::json_response(404, "404 page not found")};
  start();
  EXPECT_TRUE(becomes([&] { return informer->standing() == Standing::NotInstalled; }));
}

TEST_F(InformerTest, StopsAtOnceWhileTheStreamIsSilent) {
  script.watches = {{200, {line("ADDED", object("a", "7")), line("BOOKMARK", bookmark("10", true))}, false, true}};
  start();
  ASSERT_TRUE(becomes([&] { return store.is_synced(); }));
  const auto before = std::chrono::steady_clock::now();
  informer->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
}

}  // namespace
}  // namespace cadence::kube::cache
