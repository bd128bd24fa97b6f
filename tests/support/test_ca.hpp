// A certificate authority for one test program.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "support/temporary_directory.hpp"

struct evp_pkey_st;
struct x509_st;

namespace curfew::test {

// PEM files, valid for as long as the TestCa that issued them.
struct CertificateFiles {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

class TestCa {
public:
    enum class KeyType { ec, rsa };

    explicit TestCa(std::string_view common_name = "Curfew test CA");
    ~TestCa();
    TestCa(const TestCa&) = delete;
    TestCa& operator=(const TestCa&) = delete;

    // The CA's own certificate.
    const std::filesystem::path& certificate() const noexcept { return certificate_; }
    // A revocation list of the CA's that names no certificate, PEM.
    std::string empty_revocation_list() const;

    // For a server; `names` in OpenSSL's form for a subjectAltName.
    CertificateFiles issue_server(std::string_view common_name = "localhost",
                                  std::string_view names = "DNS:localhost,IP:127.0.0.1",
                                  KeyType type = KeyType::ec);
    // For a person or a role.
    CertificateFiles issue_client(std::string_view common_name, KeyType type = KeyType::ec);

private:
    CertificateFiles issue(std::string_view common_name, std::string_view usage, std::string_view names,
                           KeyType type);

    long serial_ = 1;
    TemporaryDirectory directory_{"curfew-ca"};
    std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)> key_;
    std::unique_ptr<x509_st, void (*)(x509_st*)> own_;
    std::filesystem::path certificate_;
};

}  // namespace curfew::test
