#include <gtest/gtest.h>

#include <future>

#include "api/measures.hpp"
#include "api/pool.hpp"
#include "api/router.hpp"
#include "api/views.hpp"

namespace cadence::api {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router.add("GET", "/jobs", [](auto&, auto&) { return net::text_response(200, "all"); });
    router.add("GET", "/jobs/:id", [](auto&, auto& id) { return net::text_response(200, id); });
    router.add("POST", "/jobs", [](auto&, auto&) { return net::text_response(202, "made"); });
  }
  net::Response ask(const std::string& method, const std::string& target) {
    net::RequestHead head;
    head.method = method;
    head.target = target;
    return std::get<net::Response>(router.route(head));
  }
  Measures measures;
  Router router{measures};
};

TEST_F(RouterTest, MatchesWithoutCaseAndWithOneSlash) {
  EXPECT_EQ(ask("GET", "/JOBS/").body, "all");
  EXPECT_EQ(ask("HEAD", "/jobs?limit=2").body, "all");
  EXPECT_EQ(ask("GET", "/jobs/A%2Fb").body, "A/b");
  EXPECT_EQ(ask("POST", "/jobs").status, 202);
  EXPECT_EQ(ask("GET", "/jobs//").status, 404);
  EXPECT_EQ(ask("GET", "/").status, 404);
}

TEST_F(RouterTest, TellsTheAllowedMethods) {
  const auto response = ask("DELETE", "/jobs");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(net::find_header(response.headers, "Allow"), "GET, HEAD, POST");
  EXPECT_EQ(ask("POST", "/jobs/a").status, 405);
}

TEST_F(RouterTest, MeasuresByRouteNotByPath) {
  (void)ask("GET", "/jobs/1");
  (void)ask("GET", "/jobs/2");
  (void)ask("GET", "/made/up");
  const auto text = measures.text({});
  EXPECT_NE(text.find("cadence_http_requests_total{route=\"/jobs/:id\",method=\"GET\",code=\"200\"} 2"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("cadence_http_requests_total{route=\"unknown\",method=\"GET\",code=\"404\"} 1"),
            std::string::npos);
  EXPECT_EQ(text.find("made"), std::string::npos);
}

TEST(Measures, TellHowTheSharedCacheDoes) {
  const Measures measures;
  Gauges gauges;
  EXPECT_EQ(measures.text(gauges).find("cadence_shared_cache"), std::string::npos) << "none is shared";
  gauges.cache = cache::CacheCounts{.hits = 7, .misses = 2, .errors = 3, .stored = 4, .dropped = 5, .cluster = {}};
  gauges.cache->cluster.has_map = true;
  const auto text = measures.text(gauges);
  for (const char* line : {"cadence_cache_hits_total 7", "cadence_cache_misses_total 2", "cadence_shared_cache_up 1",
                           "cadence_shared_cache_breakers_open 0", "cadence_shared_cache_errors_total 3",
                           "cadence_shared_cache_stored_total 4", "cadence_shared_cache_dropped_total 5"})
    EXPECT_NE(text.find(std::string("\n") + line + "\n"), std::string::npos) << line;
  gauges.cache->cluster.kept_away_from = 1;
  EXPECT_NE(measures.text(gauges).find("cadence_shared_cache_up 0"), std::string::npos);
}

TEST(Measures, TellTheCachesCountersAsJsonToo) {
  Measures measures;
  measures.count_job("git", "", 0, 0, std::chrono::milliseconds(1));
  measures.count_job("web", "", 0, 0, std::chrono::milliseconds(1));
  cache::CacheCounts counts;
  counts.hits = 7;
  counts.misses = 2;
  const auto value = measures.statistics(counts);
  for (const char* hits : {"cacheHits", "cache_hits"}) EXPECT_EQ(value.at(hits), 7) << hits;
  for (const char* misses : {"cacheMisses", "cache_misses"}) EXPECT_EQ(value.at(misses), 2) << misses;
  EXPECT_EQ(value.at("bySource").at("git").at("cacheHits"), 7);
  EXPECT_EQ(value.at("bySource").at("git").at("cacheMisses"), 2);
  EXPECT_EQ(value.at("bySource").at("web").at("cacheHits"), 0) << "pages are not cached";
}

TEST(Measures, HaveTheNamesOfTheSpecification) {
  Measures measures;
  measures.count_job("git", "", 3, 3, std::chrono::milliseconds(1500));
  measures.count_job("git", "clone", 0, 0, std::chrono::milliseconds(10));
  measures.count_request("/health", "GET", 200, std::chrono::milliseconds(1));
  for (const int detections : {2, 0}) measures.count_strategy("velocity_analysis", detections);
  const auto text = measures.text({2, 5, 0, 0, 1, true});
  for (const char* line : {"cadence_analyses_total 1",
                           "cadence_errors_total 1",
                           "cadence_detections_total 3",
                           "cadence_flagged_total 3",
                           "cadence_uptime_seconds ",
                           "cadence_analysis_avg_duration_ms 1500.00",
                           "cadence_cache_hits_total 0",
                           "cadence_source_analyses_total{source=\"git\"} 1",
                           "cadence_source_errors_total{source=\"git\"} 1",
                           "cadence_errors_by_phase{phase=\"clone\"} 1",
                           "cadence_jobs_total{status=\"completed\"} 1",
                           "cadence_jobs_total{status=\"failed\"} 1",
                           "cadence_jobs_active 2",
                           "cadence_queue_depth 5",
                           "cadence_jobs_duration_seconds_bucket{le=\"2\"} 2",
                           "cadence_jobs_duration_seconds_bucket{le=\"0.1\"} 1",
                           "cadence_jobs_duration_seconds_count 2",
                           "cadence_analysis_errors_total 1",
                           "cadence_strategy_executions_total{strategy=\"velocity_analysis\"} 2",
                           "cadence_strategy_detections_total{strategy=\"velocity_analysis\"} 2",
                           "cadence_http_request_duration_seconds_bucket{route=\"/health\",le=\"+Inf\"} 1",
                           "cadence_store_up 1"})
    EXPECT_NE(text.find("\n" + std::string(line)), std::string::npos) << line;
  EXPECT_EQ(text.find("spool"), std::string::npos) << "there is none";
}

TEST(Measures, TellOfASpoolWhereThereIsOne) {
  const Measures measures;
  Gauges gauges;
  gauges.spool = SpoolGauges{{7, 8192, 1, base::system_clock().wall() - std::chrono::seconds(90)}, 9, 2, 3};
  const auto text = measures.text(gauges);
  for (const char* line : {"cadence_webhook_spool_entries 7\n", "cadence_webhook_spool_bytes 8192\n",
                           "cadence_webhook_spool_set_aside 1\n", "cadence_webhook_spool_oldest_seconds 9",
                           "cadence_webhook_spooled_total 9\n", "cadence_webhook_spool_refused_total 2\n",
                           "cadence_webhook_spool_taken_in_total 3\n"})
    EXPECT_NE(text.find("\n" + std::string(line)), std::string::npos) << line;
}

TEST(Views, KeepTheContractsFields) {
  queue::Job job;
  job.id = "i";
  job.spec = {"github_push", "https://h/potters/kiln.git", "", "potters/kiln", "trunk", "9c", "mira"};
  EXPECT_NE(job_view(job).find(R"("repo":"kiln")"), std::string::npos);
  EXPECT_NE(job_view(job).find(R"("error":"")"), std::string::npos);
  EXPECT_NE(job_view(job).find(R"("result":null)"), std::string::npos);
  EXPECT_NE(flat_result_view(job).find(R"("analyzed_at":"0001-01-01T00:00:00Z")"), std::string::npos);
  EXPECT_EQ(flat_result_view(job).find("\"error\""), std::string::npos) << "absent when empty";
  job.spec.repo.clear();
  job.spec.url = "https://bot:ghp_x@mill.example/potters/kiln.git";
  for (const auto& view : {job_view(job), flat_result_view(job)})
    EXPECT_EQ(view.find("ghp_x"), std::string::npos) << view;
  EXPECT_NE(flat_result_view(job).find("https://mill.example/potters/kiln.git"), std::string::npos);
  job.result = R"({"url":"https://bot:ghp_x@mill.example/potters/kiln.git"})";  // of an older version
  for (const auto& view : {job_view(job), flat_result_view(job)})
    EXPECT_EQ(view.find("ghp_x"), std::string::npos) << view;
  job.result.reset();
  job.spec.url = "me:hush@mill.example";
  EXPECT_NE(job_view(job).find(R"("repo":"mill.example")"), std::string::npos) << job_view(job);
  EXPECT_EQ(jobs_view({}, false), R"({"count_all":0,"jobs":[],"total":0})");
  EXPECT_EQ(jobs_view({{}, 10000, true}, false), R"({"count_all":10000,"count_is_minimum":true,"jobs":[],"total":0})");
  EXPECT_EQ(jobs_view({}, true), "[]");
  job.spec.author = "\xff";
  EXPECT_NE(job_view(job).find("\xef\xbf\xbd"), std::string::npos) << "output is UTF-8 whatever came in";
}

TEST(Views, TellWhyTheStoreIsNotWell) {
  EXPECT_EQ(store_view({true, {}}), R"({"up":true})");
  EXPECT_EQ(store_view({false, {"42501", "permission denied for table \"job\""}}),
            R"({"code":"42501","reason":"permission denied for table \"job\"","up":false})");
  EXPECT_EQ(store_view({}), R"({"code":"","reason":"","up":false})");
  pages::WatchedHook well{.name = "github a/b", .problem = {}, .open = {}}, bad = well;
  bad.problem = std::string(1000, 'x');
  EXPECT_EQ(store_view({true, {}}, {well, bad}),
            R"({"hooks":[{"hook":"github a/b","problem":")" + std::string(300, 'x') + R"("}],"up":true})");
  EXPECT_LT(store_view({true, {}}, std::vector(100, bad)).size(), 4096u) << "the operator reads no more";
}

TEST(Pool, RefusesWhatItCannotHold) {
  Pool pool(1, 1);
  std::promise<void> begun, go;
  ASSERT_TRUE(pool.submit([&] {
    begun.set_value();
    go.get_future().wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  go.set_value();
  pool.stop();
  EXPECT_FALSE(pool.submit([] {}));
}

}  // namespace
}  // namespace cadence::api
