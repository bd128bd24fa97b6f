#include "syslog_server.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <regex>
#include <stdexcept>

#include "base/utf8.hpp"
#include "support/timing.hpp"

namespace curfew::test {
namespace {

[[noreturn]] void wrong(const std::string& what) {
    throw std::runtime_error("no message of RFC 5424: " + what);
}

class Reader {
public:
    explicit Reader(std::string_view text) : left_{text} {}

    bool at_end() const { return left_.empty(); }
    char peek() const { return left_.empty() ? '\0' : left_.front(); }
    void take(char wanted) {
        if (peek() != wanted)
            wrong(std::string{"expected '"} + wanted + "' before '" + std::string{left_} + "'");
        left_.remove_prefix(1);
    }
    // Printable ASCII, at most so much of it.
    std::string field(std::size_t most) {
        const std::string text{left_.substr(0, std::min(left_.find(' '), left_.size()))};
        const auto is_printable = [](unsigned char c) { return c > ' ' && c < 0x7f; };
        if (text.empty() || text.size() > most || !std::all_of(text.begin(), text.end(), is_printable))
            wrong("a field of the header: " + text);
        left_.remove_prefix(text.size());
        return text;
    }
    std::string up_to(std::string_view ends) {
        const auto end = left_.find_first_of(ends);
        if (end == std::string_view::npos) wrong("no end");
        const std::string text{left_.substr(0, end)};
        left_.remove_prefix(end);
        return text;
    }
    std::string quoted() {
        take('"');
        std::string value;
        while (peek() != '"') {
            if (at_end() || peek() == ']') wrong("a value without its end, or an unescaped ']'");
            if (peek() == '\\') {
                left_.remove_prefix(1);
                if (peek() != '"' && peek() != '\\' && peek() != ']') wrong("a strange escape");
            }
            value += peek();
            left_.remove_prefix(1);
        }
        take('"');
        if (!is_utf8(value)) wrong("a value that is no UTF-8");
        return value;
    }
    std::string_view rest() const { return left_; }

private:
    std::string_view left_;
};

bool is_sd_name(const std::string& name) {
    return !name.empty() && name.size() <= 32 && name.find_first_of("=]\" ") == std::string::npos;
}

void read_data(Reader& reader, SyslogMessage& message) {
    if (reader.peek() == '-') return reader.take('-');
    reader.take('[');
    message.data_id = reader.up_to(" ]");
    if (!is_sd_name(message.data_id) || message.data_id.find('@') == std::string::npos) wrong("an SD-ID");
    while (reader.peek() == ' ') {
        reader.take(' ');
        const std::string name = reader.up_to("=");
        if (!is_sd_name(name)) wrong("a PARAM-NAME: " + name);
        reader.take('=');
        message.data[name] = reader.quoted();
    }
    reader.take(']');
}

// So long a test waits before it looks whether it is over.
constexpr int look_up_ms = 20;

struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

}  // namespace

SyslogMessage parse_syslog(std::string_view text) {
    static const std::regex timestamp{
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"};
    SyslogMessage message;
    Reader reader{text};
    reader.take('<');
    const std::string priority = reader.up_to(">");
    const auto [end, error] =
        std::from_chars(priority.data(), priority.data() + priority.size(), message.priority);
    if (error != std::errc{} || end != priority.data() + priority.size() || priority.size() > 3 ||
        message.priority > 191)
        wrong("a PRI: " + priority);
    reader.take('>');
    reader.take('1');
    reader.take(' ');
    message.timestamp = reader.field(40);
    if (!std::regex_match(message.timestamp, timestamp)) wrong("a TIMESTAMP: " + message.timestamp);
    reader.take(' ');
    message.hostname = reader.field(255);
    reader.take(' ');
    message.app_name = reader.field(48);
    reader.take(' ');
    message.process = reader.field(128);
    reader.take(' ');
    message.message_id = reader.field(32);
    reader.take(' ');
    read_data(reader, message);
    if (reader.at_end()) return message;
    reader.take(' ');
    std::string_view rest = reader.rest();
    message.has_mark = rest.starts_with("\xEF\xBB\xBF");
    if (message.has_mark) rest.remove_prefix(3);
    message.text = rest;
    const bool is_ascii = std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return c < 0x80; });
    if (!is_utf8(message.text) || (!is_ascii && !message.has_mark)) wrong("text without its mark");
    return message;
}

SyslogServer::SyslogServer(Kind kind, std::uint16_t port) : kind_{kind} {
    if (kind == Kind::tls) files_ = ca_.issue_server();
    const bool is_local = kind == Kind::local;
    const bool is_stream = kind == Kind::tcp || kind == Kind::tls;
    socket_ = FileDescriptor{
        ::socket(is_local ? AF_UNIX : AF_INET, (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0)};
    const int yes = 1;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int bound = 0;
    if (is_local) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string where = path();
        std::copy(where.begin(), where.end(), address.sun_path);
        bound = ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    } else {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        bound = ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        socklen_t length = sizeof address;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
    }
    if (bound != 0 || (is_stream && ::listen(socket_.get(), 8) != 0))
        throw std::runtime_error("cannot listen for syslog");
    thread_ = std::thread{[this] { serve(); }};
}

SyslogServer::~SyslogServer() {
    stopping_ = true;
    thread_.join();
}

bool SyslogServer::goes_on(int descriptor) {
    while (!stopping_ && !hang_up_) {
        pollfd waited{descriptor, POLLIN, 0};
        if (::poll(&waited, 1, look_up_ms) > 0) return true;
    }
    return false;
}

void SyslogServer::serve() {
    if (kind_ == Kind::udp || kind_ == Kind::local) return serve_datagrams();
    while (!stopping_) {
        if (goes_on(socket_.get())) converse(FileDescriptor{::accept(socket_.get(), nullptr, nullptr)});
        const std::lock_guard lock{mutex_};
        hang_up_ = false;
        changed_.notify_all();
    }
}

void SyslogServer::serve_datagrams() {
    std::string buffer(65'536, '\0');
    while (goes_on(socket_.get())) {
        const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got > 0) came(buffer.substr(0, static_cast<std::size_t>(got)));
    }
}

void SyslogServer::converse(FileDescriptor connection) {
    std::unique_ptr<SSL_CTX, FreeSsl> context;
    std::unique_ptr<SSL, FreeSsl> ssl;
    if (files_) {
        context.reset(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate_file(context.get(), files_->certificate.c_str(), SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(context.get(), files_->key.c_str(), SSL_FILETYPE_PEM);
        ssl.reset(SSL_new(context.get()));
        SSL_set_fd(ssl.get(), connection.get());
        if (SSL_accept(ssl.get()) != 1) return;
    }
    std::string bytes;
    std::array<char, 4096> buffer{};
    while ((ssl && SSL_pending(ssl.get()) > 0) || goes_on(connection.get())) {
        const auto got = ssl ? SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size()))
                             : static_cast<int>(::recv(connection.get(), buffer.data(), buffer.size(), 0));
        if (got <= 0) return;
        bytes.append(buffer.data(), static_cast<std::size_t>(got));
        take_frames(bytes);
    }
}

void SyslogServer::take_frames(std::string& bytes) {
    for (;;) {
        const auto blank = bytes.find(' ');
        if (blank == std::string::npos) return;
        std::size_t length = 0;
        const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + blank, length);
        if (error != std::errc{} || end != bytes.data() + blank || bytes.front() == '0') {
            came("no frame: " + bytes);
            return bytes.clear();
        }
        if (bytes.size() < blank + 1 + length) return;
        came(bytes.substr(blank + 1, length));
        bytes.erase(0, blank + 1 + length);
    }
}

void SyslogServer::came(std::string message) {
    const std::lock_guard lock{mutex_};
    messages_.push_back(std::move(message));
    changed_.notify_all();
}

void SyslogServer::hang_up() {
    std::unique_lock lock{mutex_};
    hang_up_ = true;
    changed_.wait(lock, [this] { return !hang_up_; });
}

SyslogMessage SyslogServer::next() {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, patience, [this] { return !messages_.empty(); }))
        throw std::runtime_error("no message of syslog came");
    const std::string message = std::move(messages_.front());
    messages_.pop_front();
    return parse_syslog(message);
}

}  // namespace curfew::test
