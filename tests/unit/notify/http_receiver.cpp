#include "http_receiver.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <stdexcept>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

HttpReceiver::HttpReceiver(Answer answer)
    : answer_{std::move(answer)},
      acceptor_{loop_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}},
      thread_{[this] { serve(); }} {}

HttpReceiver::~HttpReceiver() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    // Wakes the thread that accepts.
    boost::system::error_code ignored;
    tcp::socket waker{loop_};
    waker.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
}

void HttpReceiver::serve() {
    while (true) {
        tcp::socket socket = acceptor_.accept();
        {
            const std::lock_guard lock{mutex_};
            if (stopping_) return;
        }
        converse(std::move(socket));
    }
}

void HttpReceiver::converse(tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    Request request;
    boost::system::error_code error;
    http::read(socket, buffer, request, error);
    if (error) return;
    Response response = answer_(request);
    response.set(http::field::connection, "close");
    response.prepare_payload();
    http::write(socket, response, error);
    socket.shutdown(tcp::socket::shutdown_both, error);
    const std::lock_guard lock{mutex_};
    requests_.push_back(std::move(request));
    came_.notify_all();
}

std::string HttpReceiver::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
}

HttpReceiver::Request HttpReceiver::next() {
    std::unique_lock lock{mutex_};
    if (!came_.wait_for(lock, patience, [this] { return !requests_.empty(); }))
        throw std::runtime_error("nothing was posted");
    Request request = std::move(requests_.front());
    requests_.pop_front();
    return request;
}

std::size_t HttpReceiver::waiting() {
    const std::lock_guard lock{mutex_};
    return requests_.size();
}

HttpReceiver::Response HttpReceiver::status(unsigned code, std::string body) {
    Response response;
    response.result(code);
    response.version(11);
    response.body() = std::move(body);
    return response;
}

}  // namespace curfew::test
