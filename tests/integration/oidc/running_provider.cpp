#include "running_provider.hpp"

#include <stdexcept>

#include "identity/json_members.hpp"

namespace curfew::test {
namespace {

const std::filesystem::path folder{CURFEW_OIDC_FOLDER};

std::vector<std::string> command(const CertificateFiles& certificate, std::string_view back_to) {
    if (!std::filesystem::exists(folder / "node_modules/oidc-provider"))
        throw std::runtime_error("oidc-provider is not installed in " + folder.string() +
                                 "; run scripts/setup");
    return {"node", folder / "provider.mjs", certificate.certificate, certificate.key, std::string{back_to}};
}

}  // namespace

RunningProvider::RunningProvider(std::string_view back_to) : process_{command(certificate_, back_to)} {
    const auto line = process_.wait_for_line(Process::Stream::out, "listening ");
    if (!line)
        throw std::runtime_error("the provider did not start:\n" + process_.output(Process::Stream::err));
    issuer_ = "https://localhost:" + line->substr(line->find(' ') + 1);
}

http::Response RunningProvider::ask(const std::string& path, bool post) {
    http::CurlFetch::Options options;
    options.root_certificate_file = ca_.certificate();
    http::Request request;
    request.url = issuer_ + path;
    if (post) request.form.emplace();
    return http::CurlFetch{options}.fetch(request).value();
}

void RunningProvider::rotate_keys() {
    if (ask("/test/rotate", true).status != 204) throw std::runtime_error("the provider made no new keys");
}

int RunningProvider::asked(std::string_view path) {
    const auto counts = identity::parse_object(ask("/test/requests", false).body);
    return static_cast<int>(identity::number_member(counts.value(), path).value_or(0));
}

}  // namespace curfew::test
