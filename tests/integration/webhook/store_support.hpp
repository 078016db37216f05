// What the tests of the job stores share: a PostgreSQL, deliveries, and a fixture that runs a case on SQLite and on
// PostgreSQL.
#pragma once

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "store/open.hpp"
#include "support.hpp"

namespace cadence::queue {

inline constexpr std::chrono::milliseconds kStoreLimit{5000};

inline test::PostgresServer& postgres() {
  static test::PostgresServer server;
  return server;
}

inline void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.code << " " << trouble.text; }

inline Delivery delivery(const std::string& key, const std::string& repo = "kiln") {
  Delivery made;
  made.key = (key + "................").substr(0, 16);
  made.provider = "github";
  made.event = "push";
  made.job_id = base::random_uuid();
  made.spec = {"github_push", "https://h/r.git", repo, "potters/" + repo, "tr\"un\\k,{}", "9c", "mira \xc3\xa9"};
  return made;
}

class StoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    address =
        GetParam() == "postgres" ? postgres().create_database() : "sqlite:" + (folder.path() / "cadence.db").string();
    store = open();
    const auto migrated = store->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
    acceptor = store->open_acceptor();
    for (const auto& worker : {one, two}) ASSERT_TRUE(store->renew(worker, std::chrono::hours(1)));
  }
  std::unique_ptr<Store> open() {
    auto opened = store::open_store(store::fixed_address(address), {"pod", 6, owes});
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  Accepted accept(const Delivery& made) {
    auto accepted = acceptor->accept({&made, 1}, kStoreLimit);
    EXPECT_TRUE(accepted) << accepted.error().message;
    return accepted ? accepted->at(0) : Accepted{};
  }
  Claim claim_one(const Worker& worker) {
    auto claims = store->claim(worker, 1, {});
    EXPECT_TRUE(claims && claims->size() == 1);
    return claims && claims->size() == 1 ? claims->at(0) : Claim{};
  }
  Job find(const std::string& id) {
    auto found = store->find(id);
    EXPECT_TRUE(found && *found) << id;
    return found && *found ? **found : Job{};
  }

  test::Folder folder;
  Owes owes;  // of stores that are opened from now on
  std::string address;
  std::unique_ptr<Store> store;
  std::unique_ptr<Acceptor> acceptor;
  Worker one{base::random_uuid(), "pod-1"}, two{base::random_uuid(), "pod-2"};
};

}  // namespace cadence::queue
