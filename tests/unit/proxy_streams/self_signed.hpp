// A certificate that no decent authority would sign.
#pragma once

#include <string>
#include <vector>

#include "support/temporary_directory.hpp"
#include "support/test_ca.hpp"

namespace curfew::test {

// Signed by itself; its subject has these Common Names.
class SelfSigned {
public:
    explicit SelfSigned(const std::vector<std::string>& common_names);

    const CertificateFiles& files() const noexcept { return files_; }

private:
    TemporaryDirectory directory_{"curfew-self-signed"};
    CertificateFiles files_;
};

}  // namespace curfew::test
