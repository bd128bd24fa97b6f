// A server on the loopback that takes what is posted to it and answers as told.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace curfew::test {

class HttpReceiver {
public:
    using Request = boost::beast::http::request<boost::beast::http::string_body>;
    using Response = boost::beast::http::response<boost::beast::http::string_body>;
    // What is answered to a request. On the receiver's thread.
    using Answer = std::function<Response(const Request&)>;

    explicit HttpReceiver(Answer answer);
    ~HttpReceiver();
    HttpReceiver(const HttpReceiver&) = delete;
    HttpReceiver& operator=(const HttpReceiver&) = delete;

    std::string url(const std::string& path = "/") const;
    // The next request that came. Throws where none comes.
    Request next();
    // How many came and were not asked for yet.
    std::size_t waiting();

    static Response status(unsigned code, std::string body = {});

private:
    void serve();
    void converse(boost::asio::ip::tcp::socket socket);

    const Answer answer_;
    boost::asio::io_context loop_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<Request> requests_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace curfew::test
