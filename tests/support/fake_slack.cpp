#include "support/fake_slack.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ctime>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace curfew::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using Socket = asio::ip::tcp::socket;
using WebSocket = beast::websocket::stream<Socket>;
using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

constexpr const char* ticket = "/link/?ticket=1234&app_id=A0CURFEW1";

std::string string_of(beast::string_view text) {
    return {text.data(), text.size()};
}

std::string encoded(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

FakeSlack::Signed signed_with_time(std::string body) {
    FakeSlack::Signed call;
    call.timestamp = std::to_string(std::time(nullptr));
    call.body = std::move(body);
    const std::string text = "v0:" + call.timestamp + ":" + call.body;
    const std::string key = SlackWorkspace::signing_secret;
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    call.signature = "v0=";
    for (const auto byte : digest)
        call.signature += fmt::format("{:02x}", byte);
    return call;
}

}  // namespace

// One WebSocket, served by a thread of its own, as each connection is: a test has few.
struct FakeSlack::Link {
    explicit Link(Socket socket) : stream{std::move(socket)} {}

    WebSocket stream;
    std::vector<json::object> acknowledged;
    bool open = true;
};

struct FakeSlack::Impl {
    explicit Impl(FakeSlack& slack_) : slack{slack_} {
        acceptor.open(asio::ip::tcp::v4());
        acceptor.bind({asio::ip::make_address("127.0.0.1"), 0});
        acceptor.listen();
        thread = std::thread{[this] { accept_all(); }};
    }
    ~Impl() {
        stopping = true;
        boost::system::error_code ignored;
        // accept() of another thread wakes up by this, and by nothing else for certain.
        Socket waker{context};
        waker.connect(acceptor.local_endpoint(), ignored);
        thread.join();
        {
            const std::lock_guard lock{slack.mutex_};
            for (const int descriptor : open_descriptors)
                ::shutdown(descriptor, SHUT_RDWR);
            slack.held_method_.clear();
            slack.changed_.notify_all();
        }
        for (auto& one : connections)
            one.join();
    }

    void accept_all();
    void serve(Socket socket);
    HttpResponse respond(const HttpRequest& request);
    HttpResponse respond_to_api(const HttpRequest& request);
    HttpResponse respond_to_hook(const HttpRequest& request);
    void serve_link(Socket socket, const HttpRequest& request);
    std::string origin() const { return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()); }

    FakeSlack& slack;
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor{context};
    std::atomic<bool> stopping = false;
    std::thread thread;
    std::vector<std::thread> connections;  // the accepting thread's, until it is over
    // Under the mutex of FakeSlack.
    std::vector<int> open_descriptors;
    std::vector<std::shared_ptr<Link>> links;
    std::size_t links_opened = 0;
    int envelopes = 0;
};

void FakeSlack::Impl::accept_all() {
    while (!stopping) {
        boost::system::error_code error;
        Socket socket{context};
        acceptor.accept(socket, error);
        if (error || stopping) continue;
        {
            const std::lock_guard lock{slack.mutex_};
            open_descriptors.push_back(socket.native_handle());
        }
        connections.emplace_back([this, taken = std::move(socket)]() mutable { serve(std::move(taken)); });
    }
}

void FakeSlack::Impl::serve(Socket socket) {
    const int descriptor = socket.native_handle();
    boost::system::error_code error;
    beast::flat_buffer buffer;
    while (!error) {
        HttpRequest request;
        http::read(socket, buffer, request, error);
        if (error) break;
        if (beast::websocket::is_upgrade(request)) {
            serve_link(std::move(socket), request);
            break;
        }
        auto response = respond(request);
        response.keep_alive(request.keep_alive());
        response.prepare_payload();
        http::write(socket, response, error);
        if (!request.keep_alive()) break;
    }
    const std::lock_guard lock{slack.mutex_};
    std::erase(open_descriptors, descriptor);
}

HttpResponse FakeSlack::Impl::respond(const HttpRequest& request) {
    const auto target = string_of(request.target());
    if (request.method() == http::verb::post && target.starts_with("/api/")) return respond_to_api(request);
    if (request.method() == http::verb::post && target.starts_with("/hooks/"))
        return respond_to_hook(request);
    const std::lock_guard lock{slack.mutex_};
    slack.workspace_.problems.push_back("nothing is at " + target);
    return {http::status::not_found, 11};
}

HttpResponse FakeSlack::Impl::respond_to_api(const HttpRequest& request) {
    SlackCall call;
    call.method = string_of(request.target()).substr(5);
    call.authorization = string_of(request[http::field::authorization]);
    call.content_type = string_of(request[http::field::content_type]);
    call.body = request.body();
    std::unique_lock lock{slack.mutex_};
    const auto reply = slack.workspace_.answer(call);
    slack.changed_.notify_all();
    if (call.method == slack.held_method_) {
        slack.held_ = true;
        slack.changed_.notify_all();
        slack.changed_.wait(lock, [&] { return slack.held_method_ != call.method; });
        slack.held_ = false;
    }
    HttpResponse response{static_cast<http::status>(reply.status), 11, reply.body};
    response.set(http::field::content_type, "application/json; charset=utf-8");
    if (reply.retry_after) response.set(http::field::retry_after, std::to_string(*reply.retry_after));
    return response;
}

HttpResponse FakeSlack::Impl::respond_to_hook(const HttpRequest& request) {
    const std::lock_guard lock{slack.mutex_};
    auto& problems = slack.workspace_.problems;
    if (request.find(http::field::authorization) != request.end())
        problems.emplace_back("a token was sent to a response_url");
    boost::system::error_code wrong;
    const auto value = json::parse(request.body(), wrong);
    if (wrong || !value.is_object() || value.get_object().if_contains("text") == nullptr) {
        problems.push_back("a response_url was answered " + request.body());
        return {http::status::bad_request, 11, "invalid_payload"};
    }
    const bool ephemeral = value.get_object().if_contains("response_type") != nullptr &&
                           value.at("response_type") == "ephemeral";
    if (!ephemeral) problems.emplace_back("what is for one person was shown to all");
    slack.workspace_.whispers.push_back({"", "", std::string{value.at("text").as_string()}});
    slack.changed_.notify_all();
    return {http::status::ok, 11, "ok"};
}

void FakeSlack::Impl::serve_link(Socket socket, const HttpRequest& request) {
    auto link = std::make_shared<Link>(std::move(socket));
    boost::system::error_code error;
    if (string_of(request.target()) != ticket) {
        const std::lock_guard lock{slack.mutex_};
        slack.workspace_.problems.push_back("a WebSocket without a ticket: " + string_of(request.target()));
        return;
    }
    link->stream.accept(request, error);
    if (error) return;
    link->stream.text(true);
    link->stream.write(asio::buffer(std::string{R"({"type":"hello","num_connections":1,"connection_info":)"
                                                R"({"app_id":"A0CURFEW1"},"debug_info":{"host":"h"}})"}),
                       error);
    {
        const std::lock_guard lock{slack.mutex_};
        links.push_back(link);
        ++links_opened;
        slack.changed_.notify_all();
    }
    while (!error) {
        beast::flat_buffer buffer;
        link->stream.read(buffer, error);
        if (error) break;
        boost::system::error_code wrong;
        const auto value = json::parse(beast::buffers_to_string(buffer.data()), wrong);
        const std::lock_guard lock{slack.mutex_};
        if (wrong || !value.is_object() || !value.get_object().contains("envelope_id")) {
            slack.workspace_.problems.push_back("what came through a WebSocket is no acknowledgement");
        } else {
            link->acknowledged.push_back(value.get_object());
        }
        slack.changed_.notify_all();
    }
    const std::lock_guard lock{slack.mutex_};
    link->open = false;
    std::erase(links, link);
    slack.changed_.notify_all();
}

FakeSlack::FakeSlack() : impl_{std::make_unique<Impl>(*this)} {
    workspace_.socket_url = "ws://" + impl_->origin() + ticket;
}

FakeSlack::~FakeSlack() = default;

std::string FakeSlack::api_url() const {
    return "http://" + impl_->origin() + "/api";
}

void FakeSlack::await(const std::string& what, const std::function<bool(const SlackWorkspace&)>& condition) {
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, patience, [&] { return condition(workspace_); })) return;
    std::string seen;
    for (const auto& post : workspace_.posts)
        seen +=
            fmt::format("\n{} {} {} (updated {} times)", post.channel, post.ts, post.shown(), post.updates);
    for (const auto& whisper : workspace_.whispers)
        seen += fmt::format("\nto {}: {}", whisper.user, whisper.text);
    for (const auto& problem : workspace_.problems)
        seen += "\nproblem: " + problem;
    throw std::runtime_error("Slack waited in vain for " + what + "; it has" + seen);
}

SlackPost FakeSlack::await_post(const std::vector<std::string>& shown) {
    SlackPost found;
    await("a message with " + shown.at(0), [&](const SlackWorkspace& workspace) {
        for (const auto& post : workspace.posts) {
            const auto text = post.shown();
            if (!std::all_of(shown.begin(), shown.end(),
                             [&](const std::string& part) { return text.find(part) != std::string::npos; }))
                continue;
            found = post;
            return true;
        }
        return false;
    });
    return found;
}

SlackWhisper FakeSlack::await_whisper(const std::string& part) {
    SlackWhisper found;
    await("a whisper with " + part, [&](const SlackWorkspace& workspace) {
        for (const auto& whisper : workspace.whispers) {
            if (whisper.text.find(part) == std::string::npos) continue;
            found = whisper;
            return true;
        }
        return false;
    });
    return found;
}

json::object FakeSlack::pressing(const SlackPost& post, const std::string& action_id,
                                 const std::string& user) {
    auto action = post.button(action_id);
    if (!action) throw std::runtime_error("the message has no button " + action_id);
    action->emplace("block_id", "b1");
    action->emplace("action_ts", "1796000050.123456");
    const std::lock_guard lock{mutex_};
    const auto trigger = fmt::format("{}.98765.0123456789abcdef", ++triggers_);
    workspace_.triggers.insert(trigger);
    return {{"type", "block_actions"},
            {"user", json::object{{"id", user}, {"username", "x"}, {"team_id", SlackWorkspace::team}}},
            {"api_app_id", "A0CURFEW1"},
            {"token", "not-looked-at"},
            {"container", json::object{{"type", "message"}, {"message_ts", post.ts}}},
            {"trigger_id", trigger},
            {"team", json::object{{"id", SlackWorkspace::team}, {"domain", "acme"}}},
            {"channel", json::object{{"id", post.channel}, {"name", "dba-team"}}},
            {"message", json::object{{"ts", post.ts}, {"text", post.text}, {"blocks", post.blocks}}},
            {"response_url", "http://" + impl_->origin() + "/hooks/actions/" + trigger},
            {"actions", json::array{*action}}};
}

json::object FakeSlack::sending_modal(const json::object& view, const std::string& user,
                                      const std::string& duration, const std::string& comment) {
    const auto entered = [](const std::string& value) {
        json::object input{{"type", "plain_text_input"}, {"value", nullptr}};
        if (!value.empty()) input["value"] = value;
        return json::object{{"input", std::move(input)}};
    };
    json::object values{{"comment", entered(comment)}};
    if (!duration.empty()) values["duration"] = entered(duration);
    auto sent = view;
    sent["id"] = "V0REVIEW1";
    sent["state"] = json::object{{"values", std::move(values)}};
    return {{"type", "view_submission"},
            {"team", json::object{{"id", SlackWorkspace::team}, {"domain", "acme"}}},
            {"user", json::object{{"id", user}, {"team_id", SlackWorkspace::team}}},
            {"view", std::move(sent)},
            {"response_urls", json::array{}}};
}

json::object FakeSlack::commanding(const std::string& text, const std::string& user) {
    const std::lock_guard lock{mutex_};
    // No two are the same, and so no two signatures.
    const auto trigger = fmt::format("{}.98765.0123456789abcdef", ++triggers_);
    return {{"token", "not-looked-at"},
            {"team_id", SlackWorkspace::team},
            {"team_domain", "acme"},
            {"channel_id", SlackWorkspace::channel},
            {"channel_name", "dba-team"},
            {"user_id", user},
            {"user_name", "x"},
            {"command", "/curfew"},
            {"text", text},
            {"api_app_id", "A0CURFEW1"},
            {"response_url", "http://" + impl_->origin() + "/hooks/commands/1"},
            {"trigger_id", trigger}};
}

FakeSlack::Signed FakeSlack::sign_interaction(const json::object& payload) {
    return signed_with_time("payload=" + encoded(json::serialize(payload)));
}

FakeSlack::Signed FakeSlack::sign_command(const json::object& fields) {
    std::string body;
    for (const auto& [name, value] : fields)
        body += (body.empty() ? "" : "&") + string_of(name) + "=" + encoded(std::string{value.as_string()});
    return signed_with_time(std::move(body));
}

AppAnswer FakeSlack::call(std::uint16_t port, const std::string& target, const Signed& call) {
    asio::io_context context;
    Socket socket{context};
    socket.connect({asio::ip::make_address("127.0.0.1"), port});
    HttpRequest request{http::verb::post, target, 11, call.body};
    request.set(http::field::host, "127.0.0.1:" + std::to_string(port));
    request.set(http::field::user_agent, "Slackbot 1.0 (+https://api.slack.com/robots)");
    request.set(http::field::content_type, "application/x-www-form-urlencoded");
    request.set("X-Slack-Request-Timestamp", call.timestamp);
    request.set("X-Slack-Signature", call.signature);
    request.keep_alive(false);
    request.prepare_payload();
    http::write(socket, request);
    beast::flat_buffer buffer;
    HttpResponse response;
    http::read(socket, buffer, response);
    return {static_cast<int>(response.result_int()), string_of(response[http::field::content_type]),
            response.body()};
}

void FakeSlack::await_sockets(std::size_t count) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, patience, [&] { return impl_->links.size() == count; }))
        throw std::runtime_error(fmt::format("{} WebSockets are open, not {}", impl_->links.size(), count));
}

std::size_t FakeSlack::sockets_opened() const {
    const std::lock_guard lock{mutex_};
    return impl_->links_opened;
}

json::object FakeSlack::through_socket(const std::string& type, const json::object& payload) {
    std::unique_lock lock{mutex_};
    if (impl_->links.empty()) throw std::runtime_error("no WebSocket is open");
    const auto link = impl_->links.back();
    const auto id = fmt::format("dbdd0ef3-{:04}", ++impl_->envelopes);
    const json::object envelope{
        {"envelope_id", id}, {"type", type}, {"accepts_response_payload", true}, {"payload", payload}};
    link->stream.write(asio::buffer(json::serialize(envelope)));
    json::object answer;
    const auto acknowledged = [&] {
        for (const auto& one : link->acknowledged) {
            if (one.at("envelope_id") != json::value(id)) continue;
            answer = one;
            return true;
        }
        return false;
    };
    // Slack waits for three seconds.
    if (!changed_.wait_for(lock, within(std::chrono::seconds{3}), acknowledged))
        throw std::runtime_error("an envelope was not acknowledged in time");
    return answer;
}

void FakeSlack::refresh_socket() {
    std::unique_lock lock{mutex_};
    const auto oldest = impl_->links.at(0);
    oldest->stream.write(
        asio::buffer(std::string{R"({"type":"disconnect","reason":"warning","debug_info":{"host":"h"}})"}));
    if (!changed_.wait_for(lock, patience, [&] { return impl_->links.size() == 2; }))
        throw std::runtime_error("no other WebSocket was opened first");
    ::shutdown(oldest->stream.next_layer().native_handle(), SHUT_RDWR);
}

void FakeSlack::drop_sockets() {
    const std::lock_guard lock{mutex_};
    for (const auto& link : impl_->links)
        ::shutdown(link->stream.next_layer().native_handle(), SHUT_RDWR);
}

void FakeSlack::hold(const std::string& method) {
    const std::lock_guard lock{mutex_};
    held_method_ = method;
}

void FakeSlack::await_held() {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, patience, [&] { return held_; }))
        throw std::runtime_error("nobody called " + held_method_);
}

void FakeSlack::let_go() {
    const std::lock_guard lock{mutex_};
    held_method_.clear();
    changed_.notify_all();
}

}  // namespace curfew::test
