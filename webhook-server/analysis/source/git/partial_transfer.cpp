#include "analysis/source/git/partial_transfer.hpp"

#include <git2/sys/transport.h>

#include <charconv>
#include <fstream>
#include <map>
#include <memory>

#include "base/text.hpp"
#include "files/files.hpp"

namespace cadence::analysis::source {
namespace {

// two packet lines: the service's name over HTTP, then the first reference
constexpr std::size_t kLongestOffer = 0xffff * std::size_t{2};
constexpr const char* kNote = "cadence-largest-file";
constexpr std::size_t kLengthDigits = 4;  // a packet line begins with its length, itself included

std::string packet(std::string_view content) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::size_t length = content.size() + kLengthDigits;
  std::string line;
  for (int shift = 12; shift >= 0; shift -= 4) line += kDigits[(length >> static_cast<unsigned>(shift)) & 0xfU];
  return line.append(content);
}

// The content of the packet line at the beginning; nothing for "0000", which ends a list, and for what is none.
std::optional<std::string_view> first_packet(std::string_view text) {
  std::size_t length = 0;
  if (text.size() < kLengthDigits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + kLengthDigits, length, 16);
  if (error != std::errc() || end != text.data() + kLengthDigits || length < kLengthDigits || length > text.size())
    return std::nullopt;
  return text.substr(kLengthDigits, length - kLengthDigits);
}

// "want HASH CAPABILITIES\n" with other capabilities.
std::string with_capability(std::string_view want) {
  std::string line;
  for (const std::string_view word : base::split(base::trim(want), ' ')) {
    if (!word.empty() && word != "thin-pack") line.append(word) += ' ';
  }
  return line + "filter\n";
}

struct Subtransport;

// What libgit2 takes for a transport's stream.
struct Stream {
  git_smart_subtransport_stream face;
  git_smart_subtransport_stream* inner;
  Subtransport* owner;
};

// What libgit2 takes for a transport; its own does the work.
struct Subtransport {
  git_smart_subtransport face;
  git_smart_subtransport* inner;
  PartialTransfer* transfer;
  std::map<git_smart_subtransport_stream*, std::unique_ptr<Stream>> streams;  // git:// has one for all its actions
};

Stream& ours(git_smart_subtransport_stream* face) { return *reinterpret_cast<Stream*>(face); }
Subtransport& ours(git_smart_subtransport* face) { return *reinterpret_cast<Subtransport*>(face); }

// Takes in what a server says before it is asked for anything. Over ssh nobody else counts that.
int listen(PartialTransfer& transfer, std::string_view said) {
  if (transfer.is_asked_for) return 0;
  transfer.references += said.size();
  if (transfer.references > transfer.most_references) {
    git_error_set_str(GIT_ERROR_NET, "its list of references is too long");
    return -1;
  }
  if (transfer.is_offered) return 0;
  transfer.offer.append(said);
  transfer.is_offered = offers_filter(transfer.offer);
  if (!transfer.is_offered && transfer.offer.size() > kLongestOffer) transfer.is_offered = false;
  if (!transfer.is_offered) return 0;
  transfer.is_sha256 = transfer.offer.find("object-format=sha256") != std::string::npos;
  transfer.offer.clear();
  return 0;
}

int stream_read(git_smart_subtransport_stream* face, char* buffer, std::size_t size, std::size_t* read) {
  Stream& stream = ours(face);
  PartialTransfer& transfer = *stream.owner->transfer;
  const int code = stream.inner->read(stream.inner, buffer, size, read);
  return code == 0 ? listen(transfer, {buffer, *read}) : code;
}

int stream_write(git_smart_subtransport_stream* face, const char* buffer, std::size_t length) {
  Stream& stream = ours(face);
  PartialTransfer& transfer = *stream.owner->transfer;
  transfer.is_asked_for = true;
  if (!transfer.largest_file || !transfer.is_offered.value_or(false))
    return stream.inner->write(stream.inner, buffer, length);
  const std::string request = with_filter({buffer, length}, *transfer.largest_file);
  return stream.inner->write(stream.inner, request.data(), request.size());
}

void stream_free(git_smart_subtransport_stream* face) {
  git_smart_subtransport_stream* const inner = ours(face).inner;
  ours(face).owner->streams.erase(inner);
  inner->free(inner);
}

int transport_action(git_smart_subtransport_stream** out, git_smart_subtransport* face, const char* url,
                     git_smart_service_t action) {
  Subtransport& transport = ours(face);
  git_smart_subtransport_stream* inner = nullptr;
  if (const int code = transport.inner->action(&inner, transport.inner, url, action); code != 0) return code;
  auto& stream = transport.streams[inner];
  if (!stream) stream.reset(new Stream{{face, stream_read, stream_write, stream_free}, inner, &transport});
  *out = &stream->face;
  return 0;
}

int transport_close(git_smart_subtransport* face) { return ours(face).inner->close(ours(face).inner); }

void transport_free(git_smart_subtransport* face) {
  ours(face).inner->free(ours(face).inner);
  delete &ours(face);
}

template <auto make_inner>
int make_subtransport(git_smart_subtransport** out, git_transport* owner, void* transfer) {
  git_smart_subtransport* inner = nullptr;
  if (const int code = make_inner(&inner, owner, nullptr); code != 0) return code;
  auto* transport = new Subtransport{
      {transport_action, transport_close, transport_free}, inner, static_cast<PartialTransfer*>(transfer), {}};
  *out = &transport->face;
  return 0;
}

}  // namespace

std::optional<bool> offers_filter(std::string_view advertisement) {
  const std::size_t begin = advertisement.find('\0');
  const std::size_t end = begin == std::string_view::npos ? begin : advertisement.find('\n', begin);
  if (end == std::string_view::npos) return std::nullopt;
  for (const std::string_view word : base::split(advertisement.substr(begin + 1, end - begin - 1), ' ')) {
    if (word == "filter") return true;
  }
  return false;
}

std::string with_filter(std::string_view request, std::uint64_t largest_file) {
  std::string filtered;
  std::string_view rest = request;
  while (const auto line = first_packet(rest)) {
    const bool is_first = filtered.empty();
    if (is_first && !line->starts_with("want ")) break;
    filtered += packet(is_first ? with_capability(*line) : std::string(*line));
    rest.remove_prefix(kLengthDigits + line->size());
  }
  if (filtered.empty()) return std::string(request);
  // "blob:limit" leaves out files of that size too.
  return filtered + packet("filter blob:limit=" + std::to_string(largest_file + 1) + "\n") + std::string(rest);
}

int make_partial_transport(git_transport** out, git_remote* owner, PartialTransfer& transfer) {
  const std::string url = git_remote_url(owner);
  git_smart_subtransport_definition definition{};
  definition.param = &transfer;
  if (url.starts_with("http://") || url.starts_with("https://")) {
    definition.callback = make_subtransport<git_smart_subtransport_http>;
    definition.rpc = 1;
  } else if (url.starts_with("git://")) {
    definition.callback = make_subtransport<git_smart_subtransport_git>;
  } else if (url.starts_with("ssh://")) {
    definition.callback = make_subtransport<git_smart_subtransport_ssh>;
  } else {
    return git_transport_new(out, owner, url.c_str());
  }
  return git_transport_smart(out, owner, &definition);
}

bool note_largest_file(const std::filesystem::path& git_folder, std::uint64_t bytes) {
  if (const auto noted = noted_largest_file(git_folder); noted && *noted <= bytes) return true;
  // Others may be reading.
  return files::replace(git_folder / kNote, std::to_string(bytes), {.is_durable = false}).is_ok();
}

std::optional<std::uint64_t> noted_largest_file(const std::filesystem::path& git_folder) {
  std::uint64_t bytes = 0;
  return std::ifstream(git_folder / kNote) >> bytes ? std::optional(bytes) : std::nullopt;
}

}  // namespace cadence::analysis::source
