#include "analysis/source/web/inflate.hpp"

#include <zlib.h>

namespace cadence::analysis::source {

struct Inflater::Stream {
  z_stream z{};
  bool is_ready = false;
};

Inflater::Inflater(std::size_t most) : stream_(std::make_unique<Stream>()), most_(most) {
  constexpr int kGzip = 16;  // added to the size of the window: a gzip header is expected
  stream_->is_ready = inflateInit2(&stream_->z, MAX_WBITS + kGzip) == Z_OK;
}

Inflater::~Inflater() {
  if (stream_->is_ready) inflateEnd(&stream_->z);
}

Inflater::State Inflater::add(std::string_view piece) {
  if (!stream_->is_ready) return State::Broken;
  z_stream& z = stream_->z;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));  // zlib does not write there
  z.avail_in = static_cast<uInt>(piece.size());
  char unpacked[16 * 1024];
  for (;;) {
    if (is_done_) {
      constexpr Bytef kFirstOfMember = 0x1f;
      if (z.avail_in == 0 || *z.next_in != kFirstOfMember) return State::Done;
      if (inflateReset(&z) != Z_OK) return State::Broken;
      is_done_ = false;
    }
    z.next_out = reinterpret_cast<Bytef*>(unpacked);
    z.avail_out = sizeof unpacked;
    const int code = inflate(&z, Z_NO_FLUSH);
    const std::size_t bytes = sizeof unpacked - z.avail_out;
    if (bytes > most_ - result_.size()) return State::TooLarge;
    result_.append(unpacked, bytes);
    if (code == Z_STREAM_END) is_done_ = true;
    if (code == Z_BUF_ERROR || (code == Z_OK && bytes == 0 && z.avail_in == 0)) return State::NeedsMore;
    if (code != Z_OK && code != Z_STREAM_END) return State::Broken;
  }
}

}  // namespace cadence::analysis::source
