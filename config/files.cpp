#include "config/files.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "config/certificate.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

constexpr std::size_t largest_certificate_file = std::size_t{1} << 20U;

}  // namespace

std::optional<Secret> read_named_file(const Value& value, const std::string& path, std::size_t limit) {
    auto file = value.context().environment.read_file(path, limit);
    if (file) return std::move(file->content);
    value.problem(fmt::format("cannot read {}: {}", printable(path, 4096), file.error().message));
    return std::nullopt;
}

std::optional<Secret> read_private_file(const Value& value, const std::string& path, std::size_t limit) {
    auto file = value.context().environment.read_file(path, limit);
    if (!file) {
        value.problem(fmt::format("cannot read {}: {}", printable(path, 4096), file.error().message));
        return std::nullopt;
    }
    if ((file->mode & 0007U) != 0) {
        value.problem(
            fmt::format("{} is open to every user of this machine (mode {:04o}); run chmod o-rwx {}",
                        printable(path, 4096), file->mode & 07777U, printable(path, 4096)));
        return std::nullopt;
    }
    return std::move(file->content);
}

CertificatePair read_certificate_pair(const Section& section) {
    const auto certificate = section.find("certificate");
    const auto key = section.find("key");
    if (certificate && !key) certificate->problem("a certificate needs its key: add 'key'");
    if (key && !certificate) key->problem("a key needs its certificate: add 'certificate'");

    CertificatePair pair;
    std::optional<Secret> certificate_pem;
    std::optional<Secret> key_pem;
    if (certificate && (pair.certificate_file = read_path(*certificate))) {
        certificate_pem = read_named_file(*certificate, *pair.certificate_file, largest_certificate_file);
        if (certificate_pem) {
            if (auto wrong = wrong_certificates(certificate_pem->reveal())) {
                certificate->problem(printable(*pair.certificate_file, 4096) + ": " + *wrong);
                certificate_pem.reset();
            }
        }
    }
    if (key && (pair.key_file = read_path(*key))) {
        key_pem = read_private_file(*key, *pair.key_file, largest_certificate_file);
        if (key_pem) {
            if (auto wrong = wrong_key(key_pem->reveal())) {
                key->problem(printable(*pair.key_file, 4096) + ": " + *wrong);
                key_pem.reset();
            }
        }
    }
    if (certificate_pem && key_pem && !key_matches(certificate_pem->reveal(), key_pem->reveal())) {
        key->problem(fmt::format("{} is not the key of the certificate in {}",
                                 printable(*pair.key_file, 4096), printable(*pair.certificate_file, 4096)));
    }
    return pair;
}

std::optional<std::string> read_authorities(const Section& section, std::string_view key_name) {
    const auto value = section.find(key_name);
    if (!value) return std::nullopt;
    auto path = read_path(*value);
    if (!path) return std::nullopt;
    if (const auto pem = read_named_file(*value, *path, largest_certificate_file)) {
        if (auto wrong = wrong_certificates(pem->reveal())) {
            value->problem(printable(*path, 4096) + ": " + *wrong);
        }
    }
    return path;
}

}  // namespace curfew::config
