// The one way our sources reach Boost.Asio and Boost.Beast. Only .cpp files and private headers of this folder include it.
// Boost 1.74 with gcc 12 in C++20 mode needs <utility> before Asio; the library parts are compiled once, in asio.cpp.
#pragma once

#include <utility>

#ifndef BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_ASIO_SEPARATE_COMPILATION
#endif
#ifndef BOOST_BEAST_SEPARATE_COMPILATION
#define BOOST_BEAST_SEPARATE_COMPILATION
#endif

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>

namespace cadence::net {
namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
}  // namespace cadence::net
