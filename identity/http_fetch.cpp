#include "identity/http_fetch.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "base/text.hpp"

namespace curfew::identity {
namespace {

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;
using Headers = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

// Never undone: others in the process may use libcurl as well.
void initialise_curl() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            throw std::runtime_error("libcurl could not be initialised");
    });
}

// One exchange, as libcurl's callbacks see it.
struct Exchange {
    std::string body;
    std::size_t most_bytes = 0;
    bool too_long = false;
    const std::atomic<bool>* stopped = nullptr;
};

std::size_t take_bytes(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    const std::size_t length = size * count;
    if (exchange.body.size() + length > exchange.most_bytes) {
        exchange.too_long = true;
        return 0;
    }
    exchange.body.append(bytes, length);
    return length;
}

// Called about once a second and whenever something arrives; other than 0 ends the transfer.
int look_around(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const Exchange*>(context)->stopped->load() ? 1 : 0;
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
    if (curl_easy_setopt(handle, option, value) != CURLE_OK)
        throw std::runtime_error(fmt::format("libcurl does not know option {}", static_cast<int>(option)));
}

void set_bounds(CURL* handle, const CurlFetch::Options& options) {
    // Signals are the whole process's; the resolver has a thread of its own.
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_PROTOCOLS_STR, "https,http");  // http: where allowed_url lets it through
    set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (options.root_certificate_file) set(handle, CURLOPT_CAINFO, options.root_certificate_file->c_str());
}

void set_exchange(CURL* handle, Exchange& exchange) {
    set(handle, CURLOPT_WRITEFUNCTION, &take_bytes);
    set(handle, CURLOPT_WRITEDATA, &exchange);
    set(handle, CURLOPT_XFERINFOFUNCTION, &look_around);
    set(handle, CURLOPT_XFERINFODATA, &exchange);
    set(handle, CURLOPT_NOPROGRESS, 0L);
}

Headers headers_of(const HttpRequest& request) {
    curl_slist* list = curl_slist_append(nullptr, "Accept: application/json");
    if (request.authorization) {
        const Secret line{"Authorization: " + std::string{request.authorization->reveal()}};  // to be sent
        list = curl_slist_append(list, line.reveal().data());  // ends with a NUL: it is a whole std::string
    }
    return {list, curl_slist_free_all};
}

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    std::string result{text};
    curl_free(text);
    return result;
}

Error no_answer(const HttpRequest& request, std::string_view why) {
    // Its query may hold a secret.
    const std::string_view url{request.url};
    return {ErrorCode::unavailable, fmt::format("the sign-in provider gave no answer at {}: {}",
                                                printable(url.substr(0, url.find('?'))), why)};
}

}  // namespace

CurlFetch::CurlFetch(Options options) : options_{std::move(options)} {
    initialise_curl();
}

Result<HttpResponse> CurlFetch::fetch(const HttpRequest& request) {
    if (!allowed_url(request.url)) return no_answer(request, "only https is spoken to a provider");
    const Handle handle{curl_easy_init(), curl_easy_cleanup};
    if (!handle) throw std::runtime_error("libcurl has no handle to give");
    Exchange exchange;
    exchange.most_bytes = options_.most_bytes;
    exchange.stopped = &stopped_;
    std::array<char, CURL_ERROR_SIZE> details{};
    const Headers headers = headers_of(request);
    const Secret form{request.form ? encoded_fields(*request.form) : std::string{}};

    set(handle.get(), CURLOPT_ERRORBUFFER, details.data());
    set_bounds(handle.get(), options_);
    set_exchange(handle.get(), exchange);
    set(handle.get(), CURLOPT_URL, request.url.c_str());
    set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
    if (request.form) {
        set(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(form.reveal().size()));
        set(handle.get(), CURLOPT_POSTFIELDS, form.reveal().data());  // to be sent
    }

    const CURLcode outcome = curl_easy_perform(handle.get());
    if (outcome != CURLE_OK) {
        if (exchange.too_long)
            return no_answer(request, fmt::format("it is longer than {} bytes", options_.most_bytes));
        if (stopped_) return no_answer(request, "this node is being stopped");
        return no_answer(request, details[0] != '\0' ? printable(details.data())
                                                     : std::string{curl_easy_strerror(outcome)});
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    return HttpResponse{static_cast<int>(status), std::move(exchange.body)};
}

bool allowed_url(std::string_view url) {
    // With libcurl's own parser: what it takes for the host is what it connects to.
    const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed{curl_url(), curl_url_cleanup};
    const std::string text{url};
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
        return false;
    const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME);
    const std::string host = part_of(parsed.get(), CURLUPART_HOST);
    if (host.empty() || text.find('\0') != std::string::npos) return false;
    return scheme == "https" ||
           (scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "[::1]"));
}

std::string url_encoded(std::string_view text) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char byte : text) {
        if (unreserved.find(byte) != std::string_view::npos) {
            encoded += byte;
        } else {
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
        }
    }
    return encoded;
}

std::string encoded_fields(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (!text.empty()) text += '&';
        text += url_encoded(name) + '=' + url_encoded(value);
    }
    return text;
}

}  // namespace curfew::identity
