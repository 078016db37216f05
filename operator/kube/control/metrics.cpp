#include "kube/control/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace cadence::kube::control {
namespace {

std::string escaped(const std::string& text, bool is_label) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (is_label && c == '"')) out += '\\';
    out += c;
  }
  return out;
}

// a="1",b="2"
std::string text_of(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) out += (out.empty() ? "" : ",") + name + "=\"" + escaped(value, true) + "\"";
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[40];
  // Counts stay whole numbers, and bounds such as 0.1 print as they were written.
  const bool is_whole = value == std::floor(value) && std::fabs(value) < 1e15;
  std::snprintf(text, sizeof text, is_whole ? "%.0f" : "%.9g", value);
  return text;
}

std::string sample(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

std::string text_of(const std::string& name, const std::string& labels, const Histogram& histogram) {
  std::string out;
  std::uint64_t count = 0;
  const auto prefix = labels.empty() ? "" : labels + ",";
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    count += histogram.count_in(i);
    const auto bound = i < histogram.bounds().size() ? number(histogram.bounds()[i]) : "+Inf";
    out += sample(name + "_bucket", prefix + "le=\"" + bound + "\"", std::to_string(count));
  }
  return out + sample(name + "_sum", labels, number(histogram.sum())) +
         sample(name + "_count", labels, std::to_string(count));
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {}

void Histogram::observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<double> exponential_bounds(double start, double factor, int count) {
  std::vector<double> out;
  for (double bound = start; count > 0; --count, bound *= factor) out.push_back(bound);
  return out;
}

struct Registry::Family {
  std::string help, type;
  std::map<std::string, Counter> counters;
  std::map<std::string, Gauge> gauges;
  std::map<std::string, std::function<double()>> asked;
  std::map<std::string, Histogram> histograms;
};

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Family& Registry::family(const std::string& name, const std::string& help, const char* type) {
  auto& slot = families_[name];
  if (!slot) slot = std::make_unique<Family>(Family{help, type, {}, {}, {}, {}});
  return *slot;
}

Counter& Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, "counter").counters[text_of(labels)];
}

Gauge& Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, "gauge").gauges[text_of(labels)];
}

void Registry::gauge(const std::string& name, const std::string& help, const Labels& labels,
                     std::function<double()> value) {
  const std::lock_guard lock(mutex_);
  family(name, help, "gauge").asked[text_of(labels)] = std::move(value);
}

void Registry::forget(const std::string& name, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  if (const auto found = families_.find(name); found != families_.end()) found->second->asked.erase(text_of(labels));
}

Histogram& Registry::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                               const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, "histogram").histograms.try_emplace(text_of(labels), bounds).first->second;
}

std::string Registry::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + escaped(family->help, false) + "\n# TYPE " + name + " " + family->type + "\n";
    for (const auto& [labels, counter] : family->counters) out += sample(name, labels, number(counter.value()));
    for (const auto& [labels, gauge] : family->gauges) out += sample(name, labels, number(gauge.value()));
    for (const auto& [labels, ask] : family->asked) out += sample(name, labels, number(ask()));
    for (const auto& [labels, histogram] : family->histograms) out += text_of(name, labels, histogram);
  }
  return out;
}

}  // namespace cadence::kube::control
