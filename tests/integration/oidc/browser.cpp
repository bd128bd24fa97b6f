#include "browser.hpp"

#include <curl/curl.h>

#include <optional>
#include <regex>
#include <stdexcept>

namespace curfew::test {
namespace {

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* page) {
    static_cast<std::string*>(page)->append(bytes, size * count);
    return size * count;
}

std::string unescaped(std::string text) {
    text = std::regex_replace(text, std::regex{"&amp;"}, "&");
    return std::regex_replace(text, std::regex{"&quot;"}, "\"");
}

std::string attribute(const std::string& tag, const std::string& name) {
    std::smatch found;
    return std::regex_search(tag, found, std::regex{"\\b" + name + "=\"([^\"]*)\""}) ? unescaped(found[1])
                                                                                     : "";
}

struct Form {
    std::string action;
    http::Fields fields;
};

// The page's form with what it holds, and `name` where it asks for a login.
std::optional<Form> form_on(const std::string& page, std::string_view name) {
    std::smatch found;
    if (!std::regex_search(page, found, std::regex{"<form[^>]*>"})) return std::nullopt;
    Form form;
    form.action = attribute(found[0], "action");
    const std::string rest = found.suffix();
    const std::string inside = rest.substr(0, rest.find("</form>"));
    const std::regex input{"<input[^>]*>"};
    for (std::sregex_iterator tag{inside.begin(), inside.end(), input}, end; tag != end; ++tag) {
        const std::string field = attribute(tag->str(), "name");
        std::string value = attribute(tag->str(), "value");
        if (field == "login") value = name;
        if (field == "password") value = "any will do";
        form.fields.emplace_back(field, value);
    }
    return form;
}

}  // namespace

Browser::Browser(const std::filesystem::path& root_certificate) : curl_{curl_easy_init()} {
    curl_easy_setopt(curl_, CURLOPT_CAINFO, root_certificate.c_str());
    curl_easy_setopt(curl_, CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &append);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &page_);
}

Browser::~Browser() {
    curl_easy_cleanup(curl_);
}

std::string Browser::sign_in(const std::string& url, std::string_view name) {
    return walk(url, name, Consent::yes);
}

std::string Browser::decline(const std::string& url) {
    return walk(url, "nobody", Consent::no);
}

Browser::Answer Browser::open(const std::string& url) {
    curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
    return perform(url);
}

Browser::Answer Browser::post(const std::string& url, const std::string& json) {
    curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Sec-Fetch-Site: same-origin");
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl_, CURLOPT_COPYPOSTFIELDS, json.c_str());
    Answer answer = perform(url);
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, nullptr);
    curl_slist_free_all(headers);
    return answer;
}

Browser::Answer Browser::perform(const std::string& url) {
    Answer answer;
    page_.clear();
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, &append);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &answer.text);
    const CURLcode outcome = curl_easy_perform(curl_);
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, nullptr);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, nullptr);
    if (outcome != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(outcome));
    answer.text += page_;
    const char* next = nullptr;
    curl_easy_getinfo(curl_, CURLINFO_REDIRECT_URL, &next);
    if (next != nullptr) answer.location = next;
    return answer;
}

std::string Browser::walk(std::string url, std::string_view name, Consent consent) {
    site_ = url.substr(0, url.find('/', url.find("//") + 2));
    std::string elsewhere = load(std::move(url), nullptr);
    for (int pages = 0; elsewhere.empty(); ++pages) {
        if (pages > 10) throw std::runtime_error("there is no end to the provider's pages:\n" + page_);
        std::smatch cancel;
        if (consent == Consent::no &&
            std::regex_search(page_, cancel, std::regex{"<a href=\"([^\"]*/abort)\""})) {
            elsewhere = load(unescaped(cancel[1]), nullptr);
            continue;
        }
        const auto form = form_on(page_, name);
        if (!form) break;
        http::Fields fields = form->fields;
        if (consent == Consent::no && page_.find("name=\"abort\"") != std::string::npos) {
            fields.emplace_back("abort", "yes");
            elsewhere = load(form->action, &fields);
            break;
        }
        elsewhere = load(form->action, &fields);
    }
    return elsewhere;
}

std::string Browser::load(std::string url, const http::Fields* form) {
    for (int redirects = 0; redirects < 20; ++redirects) {
        if (url.starts_with('/')) url = site_ + url;
        if (!url.starts_with(site_ + '/')) return url;
        page_.clear();
        curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
        if (form != nullptr)
            curl_easy_setopt(curl_, CURLOPT_COPYPOSTFIELDS, http::encoded_fields(*form).c_str());
        if (const CURLcode outcome = curl_easy_perform(curl_); outcome != CURLE_OK)
            throw std::runtime_error(url + ": " + curl_easy_strerror(outcome));
        long status = 0;
        const char* next = nullptr;
        curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl_, CURLINFO_REDIRECT_URL, &next);
        if (status < 300 || status >= 400 || next == nullptr) {
            if (status >= 500)
                throw std::runtime_error(url + " answers " + std::to_string(status) + ":\n" + page_);
            return {};
        }
        url = next;
        form = nullptr;
    }
    throw std::runtime_error("there is no end to the provider's redirects");
}

}  // namespace curfew::test
