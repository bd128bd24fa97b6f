// Somebody with a browser: follows links and redirects, keeps cookies, fills in forms.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "http/fetch.hpp"

namespace curfew::test {

class Browser {
public:
    // Trusts this CA and no other.
    explicit Browser(const std::filesystem::path& root_certificate);
    ~Browser();
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    // Opens `url` and signs in as `name`, page after page, until there is nothing left to fill in, or the way
    // leads to another site. Gives where that is: an address that was not opened, or "" for a last page here.
    std::string sign_in(const std::string& url, std::string_view name);
    // The same, but declines on the first page that lets one.
    std::string decline(const std::string& url);

    // Opens one address and follows nothing, as from the address bar; or posts JSON there, as a page of that
    // site's own does.
    struct Answer {
        std::string text;      // status line, headers and body
        std::string location;  // where it leads, as a whole address
    };
    Answer open(const std::string& url);
    Answer post(const std::string& url, const std::string& json);

    // The last page.
    const std::string& page() const noexcept { return page_; }

private:
    enum class Consent { yes, no };
    std::string walk(std::string url, std::string_view name, Consent consent);
    // The next address to open, after redirects on this site; leaves the page in page_.
    std::string load(std::string url, const http::Fields* form);
    // What comes of the request that is set up.
    Answer perform(const std::string& url);

    void* curl_;
    std::string site_;
    std::string page_;
};

}  // namespace curfew::test
