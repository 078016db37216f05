// The one way our sources reach Boost.Asio and Boost.Beast. Only .cpp files and private headers of this folder include
// it. Boost 1.74 with gcc 12 in C++20 mode needs <utility> before Asio; the library parts are compiled once, in
// asio.cpp.
#pragma once

#include <utility>

#if !defined(BOOST_ASIO_SEPARATE_COMPILATION) || !defined(BOOST_BEAST_SEPARATE_COMPILATION)
#error "the folder's CMakeLists.txt defines both: a source without them has error categories of its own"
#endif

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace cadence::net {
namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
}  // namespace cadence::net
