#include "proxy/socket_bio.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <new>

namespace curfew::proxy {
namespace {

struct Link {
    int descriptor = -1;
    bool drained = false;
    bool at_end = false;  // the other side will send no more
};

Link& link_of(BIO* bio) {
    return *static_cast<Link*>(BIO_get_data(bio));
}

// Sets what OpenSSL asks for after a failed call: whether to try again.
int report(BIO* bio, ssize_t result, int retry) {
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    return static_cast<int>(result);
}

int read(BIO* bio, char* data, int size) {
    Link& link = link_of(bio);
    BIO_clear_retry_flags(bio);
    ssize_t n = 0;
    do {
        n = ::recv(link.descriptor, data, static_cast<std::size_t>(size), MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    link.drained = n < size;
    if (n == 0) link.at_end = true;
    return report(bio, n, BIO_FLAGS_READ);
}

int write(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    ssize_t n = 0;
    do {
        n = ::send(link_of(bio).descriptor, data, static_cast<std::size_t>(size),
                   MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return report(bio, n, BIO_FLAGS_WRITE);
}

long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return link_of(bio).at_end ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int destroy(BIO* bio) {
    delete static_cast<Link*>(BIO_get_data(bio));
    BIO_set_data(bio, nullptr);
    return 1;
}

// Never freed: used until the last thread ends.
const BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "curfew socket");
    if (method == nullptr) return nullptr;
    BIO_meth_set_read(method, read);
    BIO_meth_set_write(method, write);
    BIO_meth_set_ctrl(method, control);
    BIO_meth_set_destroy(method, destroy);
    return method;
}

}  // namespace

BIO* new_socket_bio(int descriptor) noexcept {
    static const BIO_METHOD* const method = make_method();
    if (method == nullptr) return nullptr;
    BIO* bio = BIO_new(method);
    if (bio == nullptr) return nullptr;
    auto* link = new (std::nothrow) Link{descriptor};
    BIO_set_data(bio, link);
    BIO_set_init(bio, 1);
    if (link != nullptr) return bio;
    BIO_free(bio);
    return nullptr;
}

bool socket_bio_drained(BIO* bio) noexcept {
    return link_of(bio).drained;
}

}  // namespace curfew::proxy
