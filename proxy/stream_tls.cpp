// The half of Stream that speaks TLS.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cerrno>

#include "base/text.hpp"
#include "proxy/socket_bio.hpp"
#include "proxy/stream.hpp"
#include "proxy/tls_error.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

// What OpenSSL puts into one record. It takes no more from one call, so no more is bound to be repeated.
constexpr std::size_t largest_record = SSL3_RT_MAX_PLAIN_LENGTH;

Error failure(std::string message) {
    return {ErrorCode::unavailable, std::move(message)};
}

// Of a certificate that was refused, what is wrong with it. (It comes last in the queue, behind what OpenSSL
// stumbled over on the way.)
std::string handshake_reason(const SSL* ssl) {
    const bool refused = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    if (!refused) return take_tls_error();
    ERR_clear_error();
    return std::string{"certificate verify failed ("} +
           X509_verify_cert_error_string(SSL_get_verify_result(ssl)) + ")";
}

// RFC 6066 allows only names in SNI. An address is compared as such, and never with a name.
bool set_expected_name(SSL* ssl, const std::string& host, bool verify_name) {
    boost::system::error_code no_address;
    const asio::ip::address address = asio::ip::make_address(host, no_address);
    if (no_address && SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
    if (!verify_name) return true;
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (no_address) return !host.empty() && SSL_set1_host(ssl, host.c_str()) == 1;
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        return X509_VERIFY_PARAM_set1_ip(parameters, bytes.data(), bytes.size()) == 1;
    }
    const auto bytes = address.to_v6().to_bytes();
    return X509_VERIFY_PARAM_set1_ip(parameters, bytes.data(), bytes.size()) == 1;
}

}  // namespace

void Stream::FreeSsl::operator()(SSL* ssl) const noexcept {
    SSL_free(ssl);
}

Result<void> Stream::begin_tls(SSL_CTX* context) {
    ERR_clear_error();
    ssl_.reset(SSL_new(context));
    BIO* bio = ssl_ ? new_socket_bio(socket_.native_handle()) : nullptr;
    if (bio == nullptr) {
        close();  // plaintext was not meant to go on
        return failure("OpenSSL cannot begin TLS: " + take_tls_error());
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    // PostgreSQL's messages tell themselves where they end, and whoever just closes may still be told why.
    SSL_set_options(ssl_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    drained_ = false;
    may_hold_ = false;
    tls_failed_ = false;
    return {};
}

Stream::Awaitable<Result<void>> Stream::accept_tls(SSL_CTX* context) {
    if (auto begun = begin_tls(context); !begun) co_return begun;
    SSL_set_accept_state(ssl_.get());
    co_return co_await handshake();
}

Stream::Awaitable<Result<void>> Stream::connect_tls(SSL_CTX* context, std::string host, bool verify_name) {
    if (auto begun = begin_tls(context); !begun) co_return begun;
    SSL_set_connect_state(ssl_.get());
    if (!set_expected_name(ssl_.get(), host, verify_name)) {
        close();
        co_return failure("'" + printable(host) +
                          "' is no name that a certificate can be verified against: " + take_tls_error());
    }
    co_return co_await handshake();
}

Stream::Awaitable<Result<void>> Stream::handshake() {
    for (;;) {
        ERR_clear_error();
        const int result = SSL_do_handshake(ssl_.get());
        if (result == 1) break;
        const Status wanted = status_of_tls(result);
        if (wanted == Status::eof)
            co_return failure("the other side closed the connection during the TLS handshake");
        if (wanted == Status::failed) co_return failure("TLS handshake: " + handshake_reason(ssl_.get()));
        const Status status = co_await wait(wanted);
        if (status == Status::interrupted)
            co_return Error{ErrorCode::conflict, "the TLS handshake was interrupted"};
        if (status != Status::ok) co_return failure("the connection was lost during the TLS handshake");
    }
    may_hold_ = true;
    co_return Result<void>{};
}

// Several records at once, if they are there and fit: what reads by the piece passes on by the piece.
Stream::Outcome Stream::try_read_tls(std::span<char> buffer) noexcept {
    std::size_t total = 0;
    Status status = Status::ok;
    may_hold_ = true;
    do {
        ERR_clear_error();
        std::size_t n = 0;
        const int result = SSL_read_ex(ssl_.get(), buffer.data() + total, buffer.size() - total, &n);
        if (result != 1) {
            status = status_of_tls(result);
            break;
        }
        total += n;
    } while (total < buffer.size() && SSL_has_pending(ssl_.get()) == 1);
    ERR_clear_error();

    const bool empty = status == Status::ok && SSL_has_pending(ssl_.get()) == 0 &&
                       socket_bio_drained(SSL_get_rbio(ssl_.get()));
    may_hold_ = status != Status::want_read && !empty;
    if (total == 0) return {status, 0};
    // OpenSSL says the end again when asked again.
    drained_ = !may_hold_;
    return {Status::ok, total};
}

Stream::Outcome Stream::try_write_tls(std::string_view bytes) noexcept {
    ERR_clear_error();
    std::size_t n = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), largest_record), &n);
    const Status status = result == 1 ? Status::ok : status_of_tls(result);
    ERR_clear_error();
    return {status, n};
}

// want_* where there is nothing yet; the end is ok too, or eof or failed: whoever reads finds it again.
Stream::Status Stream::try_peek_tls() noexcept {
    ERR_clear_error();
    char byte = 0;
    std::size_t n = 0;
    const int result = SSL_peek_ex(ssl_.get(), &byte, 1, &n);
    const Status status = result == 1 ? Status::ok : status_of_tls(result);
    ERR_clear_error();
    may_hold_ = status != Status::want_read;
    drained_ = false;
    return status;
}

// Of a call that failed. Leaves the error queue as it is.
Stream::Status Stream::status_of_tls(int result) noexcept {
    const int error = errno;  // of the socket, if it was that
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Status::want_read;
        case SSL_ERROR_WANT_WRITE:
            return Status::want_write;
        case SSL_ERROR_ZERO_RETURN:
            return Status::eof;
        default:
            note_failure(error);
            tls_failed_ = true;
            return Status::failed;
    }
}

void Stream::say_goodbye() noexcept {
    // OpenSSL forbids it after a failure, and before the handshake is over there is nothing to end.
    if (tls_failed_ || SSL_in_init(ssl_.get()) == 1) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

}  // namespace curfew::proxy
