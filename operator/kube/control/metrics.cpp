#include "kube/control/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace cadence::kube::control {
namespace {

std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

// {a="1",b="2"}, or nothing
std::string text_of(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) out += (out.empty() ? "" : ",") + name + "=\"" + escaped(value) + "\"";
  return out;
}

std::string number(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  if (std::stod(text) == std::round(value) && std::fabs(value) < 1e15) std::snprintf(text, sizeof text, "%.0f", value);
  else std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string series(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)) {
  for (std::size_t i = 0; i <= bounds_.size(); ++i) buckets_.push_back(std::make_unique<std::atomic<std::uint64_t>>(0));
}

void Histogram::observe(double value) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(at)]->fetch_add(1);
  sum_.fetch_add(value);
}

Metrics::Family& Metrics::family(const std::string& name, const char* type, const std::string& help) {
  auto& made = families_[name];
  if (made.type.empty()) {
    made.type = type;
    made.help = help;
  }
  return made;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, "counter", help).counters[text_of(labels)];
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, "gauge", help).gauges[text_of(labels)];
  if (!slot) slot = std::make_unique<Gauge>();
  return *slot;
}

void Metrics::gauge_from(const std::string& name, const std::string& help, std::function<double()> value, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  family(name, "gauge", help).callbacks[text_of(labels)] = std::move(value);
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, "histogram", help).histograms[text_of(labels)];
  if (!slot) slot = std::make_unique<Histogram>(bounds);
  return *slot;
}

void Metrics::expose_histogram(std::string& out, const std::string& name, const std::string& labels, const Histogram& histogram) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < histogram.buckets_.size(); ++i) {
    count += histogram.buckets_[i]->load();
    const auto bound = i < histogram.bounds_.size() ? number(histogram.bounds_[i]) : "+Inf";
    out += series(name + "_bucket", (labels.empty() ? "" : labels + ",") + "le=\"" + bound + "\"", std::to_string(count));
  }
  out += series(name + "_sum", labels, number(histogram.sum_.load()));
  out += series(name + "_count", labels, std::to_string(count));
}

std::string Metrics::expose() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n";
    for (const auto& [labels, counter] : family.counters) out += series(name, labels, number(counter->value()));
    for (const auto& [labels, gauge] : family.gauges) out += series(name, labels, number(gauge->value()));
    for (const auto& [labels, callback] : family.callbacks) out += series(name, labels, number(callback()));
    for (const auto& [labels, histogram] : family.histograms) expose_histogram(out, name, labels, *histogram);
  }
  return out;
}

}  // namespace cadence::kube::control
