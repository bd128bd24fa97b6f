#include "http/curl_handle.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <mutex>
#include <stdexcept>
#include <string_view>

#include "base/text.hpp"

namespace curfew::http {
namespace {

// Never undone: others in the process may use libcurl as well.
CURL* new_handle() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            throw std::runtime_error("libcurl could not be initialised");
    });
    CURL* handle = curl_easy_init();
    if (handle == nullptr) throw std::runtime_error("libcurl has no handle to give");
    return handle;
}

}  // namespace

CurlList with_line(CurlList list, const char* line) {
    curl_slist* longer = curl_slist_append(list.get(), line);
    if (longer == nullptr) throw std::runtime_error("libcurl has no room for a line");
    (void)list.release();
    return {longer, curl_slist_free_all};
}

CurlHandle::CurlHandle(const TransferBounds& bounds, const std::atomic<bool>& stopped)
    : bounds_{bounds}, stopped_{stopped}, handle_{new_handle(), curl_easy_cleanup} {
    set(CURLOPT_ERRORBUFFER, details_.data());
    // Signals are the whole process's; the resolver has a thread of its own.
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(bounds.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(bounds.timeout.count()));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (bounds.root_certificate_file) set(CURLOPT_CAINFO, bounds.root_certificate_file->c_str());
    set(CURLOPT_XFERINFOFUNCTION, &CurlHandle::look_around);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    if (!bounds.destinations.are_limited()) return;
    set(CURLOPT_PROXY, "");
    set(CURLOPT_OPENSOCKETFUNCTION, &CurlHandle::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
}

void CurlHandle::refuse(CURLoption option) {
    throw std::runtime_error(fmt::format("libcurl does not take option {}", static_cast<int>(option)));
}

// Called about once a second and whenever something arrives; other than 0 ends the transfer.
int CurlHandle::look_around(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const CurlHandle*>(self)->stopped_.load() ? 1 : 0;
}

// With the very address that is connected to next.
curl_socket_t CurlHandle::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& handle = *static_cast<CurlHandle*>(self);
    if (!handle.bounds_.destinations.allow(&address->addr)) {
        handle.refused_ = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURLcode CurlHandle::perform() {
    return curl_easy_perform(handle_.get());
}

std::string CurlHandle::why(CURLcode outcome) const {
    if (stopped_) return "this node is being stopped";
    if (refused_)
        return "its name leads to an address of this machine, of a private network or of a cloud's own, "
               "which "
               "'allowed_networks' does not name";
    return details_[0] != '\0' ? printable(details_.data()) : std::string{curl_easy_strerror(outcome)};
}

}  // namespace curfew::http
