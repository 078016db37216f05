// What of webhook.reconcile is refused, and with which words.
#include "recovery/options.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace cadence::recovery {
namespace {

HookOptions entry() {
  HookOptions out;
  out.provider = "github";
  out.of = {"potters/kiln"};
  out.token_file = "/t";
  return out;
}

std::string refusal(const std::function<void(HookOptions&)>& change) {
  Options options{.hooks = {entry()}};
  change(options.hooks[0]);
  const auto checked = validate(options);
  return checked ? "" : checked.error().message;
}

TEST(ReconcileOptions, AreTakenWhenTheyAreSound) {
  EXPECT_EQ(refusal([](HookOptions&) {}), "");
  EXPECT_EQ(refusal([](HookOptions& one) { one.of = {"potters/*", "potters/kiln"}; }), "");
  EXPECT_EQ(refusal([](HookOptions& one) { one.provider = "gitlab", one.of = {"clay/potters/kiln", "clay/*"}; }), "");
  EXPECT_EQ(
      refusal([](HookOptions& one) { one.token_file = "", one.of = {}, one.app_id = "4711", one.app_key_file = "/k"; }),
      "");
  EXPECT_TRUE(validate({}));
}

TEST(ReconcileOptions, ThatAreWrongAreRefusedByTheirKey) {
  const struct {
    std::function<void(HookOptions&)> change;
    const char* part;
  } table[] = {
      {[](auto& one) { one.provider = "gitea"; }, "hooks[0].provider must be github or gitlab"},
      {[](auto& one) { one.of = {}; }, "hooks[0].of must name"},
      {[](auto& one) { one.of = {"potters"}; }, "hooks[0].of[0] must be owner/name or owner/*"},
      {[](auto& one) { one.of = {"clay/potters/kiln"}; }, "hooks[0].of[0]"},
      {[](auto& one) { one.of = {"potters/.."}; }, "hooks[0].of[0]"},
      {[](auto& one) {
         one.of = {"potters/kiln", "Potters/Kiln"};
       },
       "which another entry has already"},
      {[](auto& one) { one.token_file = ""; }, "either token_file or app"},
      {[](auto& one) { one.app_id = "1"; }, "either token_file or app"},
      {[](auto& one) { one.token_file = "", one.app_id = "4711"; }, "both id and key_file"},
      {[](auto& one) { one.token_file = "", one.app_id = "47 11", one.app_key_file = "/k"; }, "app.id must be"},
      {[](auto& one) { one.token_file = "", one.app_id = "4711", one.app_key_file = "/k"; }, "of must be empty"},
      {[](auto& one) { one.api_url = "http://git.example"; }, "in clear text"},
      {[](auto& one) { one.api_url = "ftp://git.example"; }, "api_url is not usable"},
      {[](auto& one) { one.hook_id = -1; }, "hook_id must be"},
      {[](auto& one) {
         one.hook_id = 7, one.of = {"a/b", "a/c"};
       },
       "hook_id is for one hook"},
      {[](auto& one) { one.hook_url = "c.example"; }, "hook_url must begin with"},
  };
  for (const auto& row : table) {
    const auto why = refusal(row.change);
    EXPECT_NE(why.find(row.part), std::string::npos) << why << " lacks " << row.part;
  }
  EXPECT_FALSE(validate({.hooks = {entry(), entry()}}));
  EXPECT_FALSE(validate({.hooks = {}, .interval_seconds = 29}));
}

}  // namespace
}  // namespace cadence::recovery
