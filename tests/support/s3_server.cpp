#include "support/s3_server.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace curfew::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Socket = asio::ip::tcp::socket;
using HttpResponse = http::response<http::string_body>;

constexpr std::uint64_t largest_object = 128U << 20U;

S3Request request_of(const http::request<http::string_body>& request) {
    S3Request taken;
    taken.method = std::string{request.method_string()};
    const std::string target{request.target()};
    const auto question = std::min(target.find('?'), target.size());
    taken.path = target.substr(0, question);
    taken.query = question < target.size() ? target.substr(question + 1) : "";
    for (const auto& field : request) {
        std::string name{field.name_string()};
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        taken.headers[name] = std::string{field.value()};
    }
    taken.body = request.body();
    return taken;
}

std::string decoded(const std::string& text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%' || at + 2 >= text.size()) {
            plain += text[at];
            continue;
        }
        plain += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
        at += 2;
    }
    return plain;
}

std::string field_of(const std::string& query, const std::string& name) {
    std::istringstream fields{query};
    for (std::string field; std::getline(fields, field, '&');) {
        if (field.starts_with(name + "=")) return decoded(field.substr(name.size() + 1));
    }
    return {};
}

HttpResponse answer(unsigned status, std::string body, const char* type = "application/xml") {
    HttpResponse response{static_cast<http::status>(status), 11, std::move(body)};
    response.set(http::field::content_type, type);
    return response;
}

HttpResponse refusal(unsigned status, const std::string& code) {
    return answer(status, fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code>"
                                      "<Message>What {} means &amp; more</Message><StringToSign>never shown"
                                      "</StringToSign><RequestId>1</RequestId></Error>",
                                      code, code));
}

}  // namespace

struct S3Server::Impl {
    explicit Impl(S3Server& server_) : server{server_} {
        acceptor.open(asio::ip::tcp::v4());
        acceptor.bind({asio::ip::make_address("127.0.0.1"), 0});
        acceptor.listen();
        thread = std::thread{[this] { accept_all(); }};
    }
    ~Impl() {
        stopping = true;
        boost::system::error_code ignored;
        Socket waker{
            context};  // accept() of another thread wakes up by this, and by nothing else for certain
        waker.connect(acceptor.local_endpoint(), ignored);
        thread.join();
        {
            const std::lock_guard lock{server.mutex_};
            for (const int descriptor : open_descriptors)
                ::shutdown(descriptor, SHUT_RDWR);
        }
        for (auto& one : connections)
            one.join();
    }

    void accept_all();
    void serve(Socket socket);
    // All under the mutex of S3Server.
    HttpResponse respond(const S3Request& request);
    HttpResponse carry_out(const S3Request& request);
    HttpResponse list(const std::string& query);
    HttpResponse give(const std::string& key, const S3Request& request);
    std::string host() const { return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()); }

    S3Server& server;
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor{context};
    std::atomic<bool> stopping = false;
    std::thread thread;
    std::vector<std::thread> connections;  // the accepting thread's, until it is over
    std::vector<int> open_descriptors;
};

void S3Server::Impl::accept_all() {
    while (!stopping) {
        boost::system::error_code error;
        Socket socket{context};
        acceptor.accept(socket, error);
        if (error || stopping) continue;
        {
            const std::lock_guard lock{server.mutex_};
            open_descriptors.push_back(socket.native_handle());
        }
        connections.emplace_back([this, taken = std::move(socket)]() mutable { serve(std::move(taken)); });
    }
}

void S3Server::Impl::serve(Socket socket) {
    const int descriptor = socket.native_handle();
    boost::system::error_code error;
    beast::flat_buffer buffer;
    while (!error) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(largest_object);
        http::read(socket, buffer, parser, error);
        if (error) break;
        HttpResponse response;
        bool cut = false;
        {
            const std::lock_guard lock{server.mutex_};
            const S3Request request = request_of(parser.get());
            response = respond(request);
            cut = request.method == "GET" && std::exchange(server.cut_next_, false);
            server.requests_.push_back(
                fmt::format("{} {} {}", response.result_int(), request.method, request.path));
            server.changed_.notify_all();
        }
        response.keep_alive(parser.get().keep_alive());
        response.prepare_payload();
        if (cut) {
            std::ostringstream text;
            text << response;
            const std::string whole = text.str();
            asio::write(socket, asio::buffer(whole.data(), whole.size() - response.body().size() / 2 - 1),
                        error);
            break;
        }
        http::write(socket, response, error);
        if (!parser.get().keep_alive()) break;
    }
    const std::lock_guard lock{server.mutex_};
    std::erase(open_descriptors, descriptor);
}

HttpResponse S3Server::Impl::respond(const S3Request& request) {
    const auto& next = server.next_;
    if (server.all_.status != 0) return refusal(server.all_.status, server.all_.code);
    if (!next.empty() && (next.front().method.empty() || next.front().method == request.method)) {
        const Refusal wanted = next.front();
        server.next_.pop_front();
        return refusal(wanted.status, wanted.code);
    }
    const auto wrong =
        wrong_signature(request, server.owner, host(), std::chrono::system_clock::now() + server.clock_step_);
    if (wrong.empty()) return carry_out(request);
    server.refusals_.push_back(wrong);
    return refusal(wrong == "XAmzContentSHA256Mismatch" ? 400 : 403, wrong);
}

HttpResponse S3Server::Impl::carry_out(const S3Request& request) {
    const std::string in_bucket = fmt::format("/{}/", bucket);
    if (request.path + "/" == in_bucket && request.method == "GET") return list(request.query);
    if (!request.path.starts_with(in_bucket)) return refusal(404, "NoSuchBucket");
    const std::string key = decoded(request.path.substr(in_bucket.size()));
    if (request.method == "PUT") {
        server.objects_[key] = request.body;
        return answer(200, "");
    }
    if (request.method == "DELETE") {
        server.objects_.erase(key);
        return answer(204, "");
    }
    return request.method == "GET" ? give(key, request) : refusal(405, "MethodNotAllowed");
}

HttpResponse S3Server::Impl::list(const std::string& query) {
    const std::string prefix = field_of(query, "prefix");
    const std::string after = field_of(query, "continuation-token");
    std::string body;
    std::size_t count = 0;
    std::string last;
    bool is_cut = false;
    for (const auto& [key, bytes] : server.objects_) {
        if (!key.starts_with(prefix) || (!after.empty() && "more/" + key <= after)) continue;
        if (count == server.list_at_most_) {
            is_cut = true;
            break;
        }
        body += fmt::format(
            "<Contents><Key>{}</Key><LastModified>2026-11-29T20:33:15.000Z</LastModified>"
            "<ETag>&quot;0&quot;</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass>"
            "</Contents>",
            key, bytes.size());
        last = key;
        ++count;
    }
    std::string more = fmt::format("<IsTruncated>{}</IsTruncated>", is_cut);
    if (is_cut) more += fmt::format("<NextContinuationToken>more/{}</NextContinuationToken>", last);
    return answer(200, fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
                                   "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{}</Name>"
                                   "<Prefix>{}</Prefix><KeyCount>{}</KeyCount>{}{}</ListBucketResult>\n",
                                   bucket, prefix, count, more, body));
}

HttpResponse S3Server::Impl::give(const std::string& key, const S3Request& request) {
    const auto found = server.objects_.find(key);
    if (found == server.objects_.end()) return refusal(404, "NoSuchKey");
    const auto range = request.headers.find("range");
    if (range == request.headers.end()) return answer(200, found->second, "application/octet-stream");
    std::size_t first = 0;
    std::size_t last = 0;
    if (std::sscanf(range->second.c_str(), "bytes=%zu-%zu", &first, &last) != 2 ||
        first >= found->second.size())
        return refusal(416, "InvalidRange");
    return answer(206, found->second.substr(first, last - first + 1), "application/octet-stream");
}

S3Server::S3Server() : impl_{std::make_unique<Impl>(*this)} {}

S3Server::~S3Server() = default;

std::string S3Server::endpoint() const {
    return "http://" + impl_->host();
}

std::map<std::string, std::string> S3Server::objects() const {
    const std::lock_guard lock{mutex_};
    return objects_;
}

void S3Server::put(const std::string& key, const std::string& bytes) {
    const std::lock_guard lock{mutex_};
    objects_[key] = bytes;
}

void S3Server::erase(const std::string& key) {
    const std::lock_guard lock{mutex_};
    objects_.erase(key);
}

std::vector<std::string> S3Server::requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
}

std::vector<std::string> S3Server::refusals() const {
    const std::lock_guard lock{mutex_};
    return refusals_;
}

void S3Server::await(const std::string& what, const std::function<bool(const S3Server&)>& condition) const {
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, patience, [&] { return condition(*this); })) return;
    std::string seen;
    for (const auto& request : requests_)
        seen += "\n" + request;
    throw std::runtime_error("the storage waited in vain for " + what + "; it had" + seen);
}

void S3Server::answer_next(const std::string& method, unsigned status, const std::string& code) {
    const std::lock_guard lock{mutex_};
    next_.push_back({method, status, code});
}

void S3Server::answer_all(unsigned status, const std::string& code) {
    const std::lock_guard lock{mutex_};
    all_ = {"", status, code};
}

void S3Server::cut_next_answer() {
    const std::lock_guard lock{mutex_};
    cut_next_ = true;
}

void S3Server::list_at_most(std::size_t objects) {
    const std::lock_guard lock{mutex_};
    list_at_most_ = objects;
}

void S3Server::step_clock(std::chrono::seconds by) {
    const std::lock_guard lock{mutex_};
    clock_step_ = by;
}

}  // namespace curfew::test
