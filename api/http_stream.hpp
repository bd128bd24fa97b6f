// One client's connection: TCP or a Unix socket, with TLS or without.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <memory>
#include <utility>

namespace curfew::api {

// To be read and written by Asio's and Beast's composed operations, which hand it handlers (not tokens).
class HttpStream {
public:
    using Plain =
        boost::beast::basic_stream<boost::asio::generic::stream_protocol, boost::asio::any_io_executor>;
    using Tls = boost::asio::ssl::stream<Plain&>;
    using Context = boost::asio::ssl::context;
    using executor_type = Plain::executor_type;

    // With a context the client is to begin with a TLS handshake: see tls().
    HttpStream(Plain::socket_type socket, std::shared_ptr<Context> context)
        : plain_{std::move(socket)}, context_{std::move(context)} {
        if (context_) tls_ = std::make_unique<Tls>(plain_, *context_);
    }

    executor_type get_executor() noexcept { return plain_.get_executor(); }
    // What is below TLS: the socket, and the time limit of everything that is under way.
    Plain& plain() noexcept { return plain_; }
    Tls* tls() noexcept { return tls_.get(); }

    template <class Buffers, class Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        if (tls_) {
            tls_->async_read_some(buffers, std::forward<Handler>(handler));
        } else {
            plain_.async_read_some(buffers, std::forward<Handler>(handler));
        }
    }
    template <class Buffers, class Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        if (tls_) {
            tls_->async_write_some(buffers, std::forward<Handler>(handler));
        } else {
            plain_.async_write_some(buffers, std::forward<Handler>(handler));
        }
    }

private:
    Plain plain_;
    std::shared_ptr<Context> context_;  // outlives its stream, whatever becomes of the server's
    std::unique_ptr<Tls> tls_;
};

}  // namespace curfew::api
