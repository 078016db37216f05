// Whose turn it is (queue/store.hpp, claim()): owners in turn, repositories of an owner in turn, pushes of a repository
// in their order; on SQLite and on a real PostgreSQL, against a model that knows only these rules.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "store_support.hpp"

namespace cadence::queue {
namespace {

Delivery push_of(const std::string& owner, const std::string& name, const std::string& event_type = "github_push") {
  auto made = delivery(base::random_bytes(16), name);
  made.spec.event_type = event_type;
  made.spec.full_name = owner + "/" + name;
  return made;
}

// What waits, and whom it was passed over for. It does not know how a store chooses, only what no choice may do.
class Model {
 public:
  // `batch`: what is stored together is of one age.
  void arrives(const std::string& id, const JobSpec& spec, int batch) {
    specs_.try_emplace(id, spec);
    batches_.try_emplace(id, batch);
    const auto owner = owner_of(spec);
    if (is_idle([&](const JobSpec& s) { return owner_of(s) == owner; })) passed_by_owners_[owner].clear();
    if (is_idle([&](const JobSpec& s) { return lane_of(s) == lane_of(spec); })) passed_by_lanes_[lane_of(spec)].clear();
    waiting_.insert(id);
  }

  // The push that is claimed next; what this breaks, or nothing.
  std::string claimed(const std::string& id) {
    if (waiting_.erase(id) == 0) return "a job that does not wait";
    const auto& spec = specs_.at(id);
    const auto owner = owner_of(spec);
    const auto lane = lane_of(spec);
    passed_by_owners_[owner].clear();
    passed_by_lanes_[lane].clear();
    std::set<std::string> owners, lanes;
    for (const auto& other : waiting_) {
      const auto& waits = specs_.at(other);
      if (lane_of(waits) == lane && batches_.at(other) < batches_.at(id)) return "a push before an older one";
      if (owner_of(waits) != owner) owners.insert(owner_of(waits));
      else if (lane_of(waits) != lane) lanes.insert(lane_of(waits));
    }
    for (const auto& other : owners)
      if (++passed_by_owners_[other][owner] > 1) return owner + " twice before " + other;
    for (const auto& other : lanes)
      if (++passed_by_lanes_[other][lane] > 1) return lane + " twice before " + other;
    return {};
  }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  static std::string owner_of(const JobSpec& spec) {
    return spec.event_type + " " + spec.full_name.substr(0, spec.full_name.find('/'));
  }
  static std::string lane_of(const JobSpec& spec) { return spec.event_type + " " + spec.full_name; }
  [[nodiscard]] bool is_idle(const auto& is_same) const {
    return std::none_of(waiting_.begin(), waiting_.end(), [&](auto& id) { return is_same(specs_.at(id)); });
  }

  std::map<std::string, JobSpec> specs_;
  std::map<std::string, int> batches_;
  std::set<std::string> waiting_;
  std::map<std::string, std::map<std::string, int>> passed_by_owners_, passed_by_lanes_;
};

class StoreFairness : public StoreTest {
 protected:
  void accept_all(const std::vector<Delivery>& deliveries) {
    constexpr std::size_t kBatch = 128;
    for (std::size_t i = 0; i < deliveries.size(); i += kBatch) {
      const auto count = std::min(kBatch, deliveries.size() - i);
      const auto accepted = acceptor->accept({&deliveries[i], count}, kStoreLimit);
      ASSERT_TRUE(accepted) << accepted.error().message;
    }
  }
  // The first `count` jobs that free hands would take one by one, in their order.
  std::vector<std::string> claim_in_turn(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      const auto claims = store->claim(one, 1, ids);
      if (!claims || claims->empty()) break;
      ids.push_back(claims->at(0).job_id);
    }
    return ids;
  }
};

TEST_P(StoreFairness, AFloodDelaysNobodyByMoreThanOne) {
  std::vector<Delivery> flood;
  for (int i = 0; i < 10000; ++i) flood.push_back(push_of("flood", i % 10 == 0 ? "side" + std::to_string(i) : "main"));
  accept_all(flood);
  const auto other_owner = push_of("potters", "kiln"), other_repository = push_of("flood", "kiln");
  accept_all({other_owner, other_repository});
  const auto first = claim_in_turn(2);
  EXPECT_TRUE(std::find(first.begin(), first.end(), other_owner.job_id) != first.end());
}

TEST_P(StoreFairness, ARepositoryDelaysAnotherOfItsOwnerByNoMoreThanOne) {
  std::vector<Delivery> flood;
  for (int i = 0; i < 2000; ++i) flood.push_back(push_of("potters", "busy"));
  accept_all(flood);
  const auto quiet = push_of("potters", "quiet");
  accept_all({quiet});
  const auto first = claim_in_turn(2);
  EXPECT_TRUE(std::find(first.begin(), first.end(), quiet.job_id) != first.end());
}

TEST_P(StoreFairness, EverySequenceKeepsTheTurns) {
  const std::vector<std::pair<std::string, std::string>> lanes = {
      {"ants", "a"}, {"ants", "b"}, {"ants", "c"}, {"bees", "a"}, {"crows", "x"}, {"Doves", "y"}, {"doves", "z"}};
  for (unsigned seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto any = [&](std::size_t below) {
      return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    Model model;
    std::vector<Claim> running;
    std::vector<std::string> held;
    const auto forget = [&](std::size_t at) {
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
    };
    for (int step = 0; step < 250; ++step) {
      const auto dice = any(10);
      if (dice < 4) {
        // A few names are far busier than the rest.
        const auto& [owner, name] = lanes[std::min(any(lanes.size()), any(lanes.size()))];
        const std::string event_type = any(8) == 0 ? "gitlab_push" : "github_push";
        std::vector<Delivery> arriving;
        for (auto count = any(5) == 0 ? 6 : 1; count > 0; --count)
          arriving.push_back(push_of(base::to_lower(owner), name, event_type));
        accept_all(arriving);
        for (const auto& made : arriving) model.arrives(made.job_id, made.spec, step);
      } else if (dice < 8) {
        const auto room = 1 + any(3);
        const auto waiting = model.waiting();
        const auto claims = store->claim(one, static_cast<int>(room), held);
        ASSERT_TRUE(claims) << claims.error().message;
        EXPECT_EQ(claims->size(), std::min(room, waiting)) << "no hand is idle while a push waits";
        for (const auto& claim : *claims) {
          const auto fault = model.claimed(claim.job_id);
          ASSERT_EQ(fault, "") << "step " << step;
          running.push_back(claim);
          held.push_back(claim.job_id);
        }
      } else if (!running.empty()) {
        const auto at = any(running.size());
        if (dice == 8) {
          ASSERT_TRUE(*store->complete(one, running[at], {"", "{}", ""}));
        } else {
          ASSERT_TRUE(*store->hand_back(one, running[at]));
          model.arrives(running[at].job_id, running[at].spec, step);
        }
        forget(at);
      }
    }
    for (const auto& claim : running) ASSERT_TRUE(*store->complete(one, claim, {"", "{}", ""}));
    for (auto left = store->claim(one, 50, {}); left && !left->empty(); left = store->claim(one, 50, {}))
      for (const auto& claim : *left) {
        ASSERT_EQ(model.claimed(claim.job_id), "");
        ASSERT_TRUE(*store->complete(one, claim, {"", "{}", ""}));
      }
    EXPECT_EQ(model.waiting(), 0u);
  }
}

TEST_P(StoreFairness, TheTurnOutlivesAReplica) {
  accept_all({push_of("ants", "a"), push_of("ants", "a"), push_of("bees", "a"), push_of("bees", "a")});
  const auto first = claim_one(one).spec.full_name;
  acceptor.reset();
  store = open();
  acceptor = store->open_acceptor();
  EXPECT_NE(claim_one(two).spec.full_name, first) << "the next replica does not begin again";
}

// A push whose sender named no repository is nobody's in particular, and its job says so soon.
TEST_P(StoreFairness, APushWithoutANameHasATurnOfItsOwn) {
  std::vector<Delivery> flood;
  for (int i = 0; i < 50; ++i) flood.push_back(push_of("flood", "main"));
  accept_all(flood);
  auto nameless = delivery("n");
  nameless.spec.full_name = nameless.spec.repo = "";
  auto empty = delivery("e");
  empty.spec = {"github_push", "", "", "", "", "", ""};
  accept_all({nameless, empty});
  const auto first = claim_in_turn(3);
  for (const auto& id : {nameless.job_id, empty.job_id})
    EXPECT_TRUE(std::find(first.begin(), first.end(), id) != first.end());
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreFairness, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
