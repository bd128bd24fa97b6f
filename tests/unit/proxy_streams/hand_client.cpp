#include "hand_client.hpp"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace curfew::test {

HandClient::HandClient(SSL_CTX* context, FileDescriptor socket)
    : socket_{std::move(socket)}, ssl_{SSL_new(context), SSL_free} {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
}

void HandClient::shake_hands(Loop& loop) {
    const Instant deadline = now() + patience;
    while (SSL_do_handshake(ssl_.get()) != 1) {
        if (now() > deadline) throw std::runtime_error("no handshake in time");
        send(outgoing());
        loop.settle();
        take_incoming();
    }
    send(outgoing());
}

std::string HandClient::encrypt(std::string_view text) {
    if (SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) != static_cast<int>(text.size()))
        throw std::runtime_error("SSL_write");
    return outgoing();
}

void HandClient::send(std::string_view bytes) {
    if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
        throw std::system_error(errno, std::generic_category(), "send");
}

std::string HandClient::receive() {
    take_incoming();
    std::array<char, 4096> text{};
    const int n = SSL_read(ssl_.get(), text.data(), static_cast<int>(text.size()));
    return n > 0 ? std::string{text.data(), static_cast<std::size_t>(n)} : "";
}

bool HandClient::heard_goodbye() {
    receive();
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void HandClient::end_without_goodbye() {
    ::shutdown(socket_.get(), SHUT_WR);
}

std::string HandClient::outgoing() {
    BIO* bio = SSL_get_wbio(ssl_.get());
    std::string bytes(BIO_ctrl_pending(bio), '\0');
    if (!bytes.empty()) BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

void HandClient::take_incoming() {
    std::array<char, 16384> bytes{};
    const ssize_t n = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n > 0) BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(n));
}

}  // namespace curfew::test
