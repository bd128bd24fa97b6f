// A server that answers as a test says: over TLS, plaintext or a Unix socket, well or badly.
#pragma once

#include <openssl/types.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

struct SeenRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
};

class ApiStandIn;

// One request, while it is answered. The connection is closed when the handler returns.
class Exchange {
public:
    Exchange(ApiStandIn& server, int socket, SSL* ssl) : server_{server}, socket_{socket}, ssl_{ssl} {}

    const SeenRequest& request() const noexcept { return request_; }
    // False where the client has gone.
    bool send(std::string_view bytes);
    void answer(int status, std::string_view body, const std::string& more_headers = "");
    // Answers with a stream, and sends what push() is given, what was pushed before included, until the
    // server stops.
    void stream_events();
    // Says nothing until the server stops.
    void stall();

private:
    friend class ApiStandIn;
    bool read_request();
    std::size_t read(char* to, std::size_t length);

    ApiStandIn& server_;
    int socket_;
    SSL* ssl_;
    SeenRequest request_;
};

class ApiStandIn {
public:
    enum class Transport { tls, plaintext, unix_socket };
    using Handler = std::function<void(Exchange&)>;

    // Without a handler: what on() says, and 404 for the rest.
    explicit ApiStandIn(Transport transport = Transport::tls, Handler handler = {});
    ~ApiStandIn();
    ApiStandIn(const ApiStandIn&) = delete;
    ApiStandIn& operator=(const ApiStandIn&) = delete;

    // `https://localhost:40123`.
    std::string url() const;
    std::string socket_path() const { return directory_ / "api.sock"; }
    std::string ca_file() const { return ca_.certificate(); }

    // `GET /api/v1/me`: the answer from now on. A target without its query stands for every query.
    void on(const std::string& method_and_path, int status, const std::string& body,
            const std::string& more_headers = "");
    // An event stream at /api/v1/events is served anyway; this sends to it.
    void push(const std::string& event, const std::string& data);

    std::vector<SeenRequest> seen() const;
    // Those with this method and path.
    std::vector<SeenRequest> seen(const std::string& method_and_path) const;
    // Waits until so many have come; fails the test where they do not.
    void await_seen(const std::string& method_and_path, std::size_t count = 1) const;

    void stop();

private:
    friend class Exchange;
    struct Reply {
        int status;
        std::string body;
        std::string more_headers;
    };

    void accept_all();
    void serve(int socket);
    void reply(Exchange& exchange);

    Transport transport_;
    Handler handler_;
    TestCa ca_;
    TemporaryDirectory directory_{"curfew-api"};
    SSL_CTX* context_ = nullptr;
    int listener_ = -1;
    std::uint16_t port_ = 0;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool stopping_ = false;
    std::map<std::string, Reply> replies_;
    std::vector<std::string> events_;
    std::vector<SeenRequest> seen_;
    std::vector<std::thread> connections_;
    std::vector<int> sockets_;
    std::thread acceptor_;
};

}  // namespace curfew::test
