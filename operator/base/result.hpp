// Result<T>: a value, or an Error that says what was attempted and how to go on.
// Promises: no exception crosses a folder; the kind alone decides whether to retry. Knows nothing of HTTP, Kubernetes
// or logs.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace cadence::base {

enum class ErrorKind {
  Transient,  // may succeed when repeated; the outcome of a write is unknown
  Conflict,   // somebody else changed the object first: read again
  NotFound,
  Invalid,    // the input is wrong: repeating cannot help
  Forbidden,  // credentials or rights are missing
  Canceled,   // a stop was asked for
  Bug,        // a broken promise inside this program
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::Bug;
  std::string message;  // past tense, names the object: "Could not apply Service demo/web: …"

  // The same error, with what was attempted in front: "context: message".
  [[nodiscard]] Error with_context(std::string_view context) const;
  bool operator==(const Error&) const = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool is_ok() const { return state_.index() == 0; }
  explicit operator bool() const { return is_ok(); }
  T& value() & {
    assert(is_ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(is_ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(is_ok());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] const Error& error() const {
    assert(!is_ok());
    return *std::get_if<1>(&state_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  [[nodiscard]] bool is_ok() const { return !error_; }
  explicit operator bool() const { return is_ok(); }
  [[nodiscard]] const Error& error() const {
    assert(error_);
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

inline Result<void> ok() { return {}; }

}  // namespace cadence::base
