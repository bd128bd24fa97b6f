#include "proxy/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string_view>

#include "base/text.hpp"
#include "proxy/tls_error.hpp"

namespace curfew::proxy {
namespace {

using namespace std::string_view_literals;

// As in a ClientHello: each protocol behind its length.
constexpr std::string_view postgresql_alpn = "\x0apostgresql"sv;

struct FreeMemory {
    void operator()(unsigned char* memory) const noexcept { OPENSSL_free(memory); }
};

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL would ask on the terminal otherwise.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

// Another protocol's client was led here: it must not take our answers for its own server's.
int select_alpn(SSL*, const unsigned char** selected, unsigned char* selected_size,
                const unsigned char* offered, unsigned offered_size, void*) {
    unsigned char* found = nullptr;
    const int result =
        SSL_select_next_proto(&found, selected_size, bytes(postgresql_alpn),
                              static_cast<unsigned>(postgresql_alpn.size()), offered, offered_size);
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *selected = found;
    return SSL_TLSEXT_ERR_OK;
}

Error unusable(const std::string& file, std::string_view purpose) {
    return {ErrorCode::invalid, printable(file, 4096) + " cannot be used as " + std::string{purpose} + ": " +
                                    take_tls_error() + "; check the file, and that curfewd may read it"};
}

Result<TlsContext> make_context(const SSL_METHOD* method) {
    ERR_clear_error();
    TlsContext context{SSL_CTX_new(method)};
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
        return Error{ErrorCode::internal, "OpenSSL cannot be set up: " + take_tls_error()};
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Sessions are not resumed: what that takes is not kept for each of thousands of idle connections.
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    // A record's header and content by one system call.
    SSL_CTX_set_read_ahead(context.get(), 1);
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    return context;
}

Result<void> use_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key) {
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        return unusable(certificate, "a certificate");
    // Finds out, too, whether the two belong together.
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return unusable(key, "the private key of " + printable(certificate, 4096));
    return {};
}

Result<void> ask_for_client_certificates(SSL_CTX* context, const std::string& authorities) {
    if (SSL_CTX_load_verify_file(context, authorities.c_str()) != 1)
        return unusable(authorities, "the authorities of client certificates");
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(authorities.c_str());
    if (names == nullptr) return unusable(authorities, "the authorities of client certificates");
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    return {};
}

// The text of one Common Name; nullopt if there is none, or more than one.
std::optional<std::string> common_name(const X509_NAME* subject) {
    const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, index) >= 0) return std::nullopt;
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
    const std::unique_ptr<unsigned char, FreeMemory> owner{text};
    if (size <= 0) return std::nullopt;
    return std::string{reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

}  // namespace

void FreeTlsContext::operator()(SSL_CTX* context) const noexcept {
    SSL_CTX_free(context);
}

Result<TlsContext> make_server_context(const config::ServerTls& tls) {
    auto context = make_context(TLS_server_method());
    if (!context) return context;
    SSL_CTX_set_num_tickets(context->get(), 0);
    SSL_CTX_set_options(context->get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_alpn_select_cb(context->get(), select_alpn, nullptr);
    if (auto used = use_certificate(context->get(), tls.certificate_file, tls.key_file); !used)
        return used.error();
    if (tls.client_ca_file) {
        if (auto asked = ask_for_client_certificates(context->get(), *tls.client_ca_file); !asked)
            return asked.error();
    }
    return context;
}

Result<TlsContext> make_client_context(const config::UpstreamTls& tls) {
    auto context = make_context(TLS_client_method());
    if (!context) return context;
    SSL_CTX_set_alpn_protos(context->get(), bytes(postgresql_alpn),
                            static_cast<unsigned>(postgresql_alpn.size()));
    const bool demanded = tls.mode == config::SslMode::verify_ca || tls.mode == config::SslMode::verify_full;
    if (demanded && !tls.root_certificate_file)
        return Error{ErrorCode::invalid, "sslmode " + std::string{config::to_string(tls.mode)} +
                                             " needs a root certificate to verify PostgreSQL's by"};
    if (tls.root_certificate_file) {
        if (SSL_CTX_load_verify_file(context->get(), tls.root_certificate_file->c_str()) != 1)
            return unusable(*tls.root_certificate_file, "root certificate");
        SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, nullptr);
    }
    if (tls.certificate_file && tls.key_file) {
        if (auto used = use_certificate(context->get(), *tls.certificate_file, *tls.key_file); !used)
            return used.error();
    }
    return context;
}

std::string selected_alpn(const SSL* tls) {
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    if (tls != nullptr) SSL_get0_alpn_selected(tls, &protocol, &size);
    return {reinterpret_cast<const char*>(protocol), size};
}

std::optional<postgres::ChannelBinding> own_channel_binding(const SSL* tls) {
    if (tls == nullptr) return std::nullopt;
    return postgres::tls_server_end_point(SSL_get_certificate(tls));
}

std::optional<postgres::ChannelBinding> peer_channel_binding(const SSL* tls) {
    if (tls == nullptr) return std::nullopt;
    return postgres::tls_server_end_point(SSL_get0_peer_certificate(tls));
}

std::optional<std::string> verified_peer_name(const SSL* tls) {
    if (tls == nullptr || (SSL_get_verify_mode(tls) & SSL_VERIFY_PEER) == 0) return std::nullopt;
    const X509* certificate = SSL_get0_peer_certificate(tls);
    if (certificate == nullptr || SSL_get_verify_result(tls) != X509_V_OK) return std::nullopt;
    auto name = common_name(X509_get_subject_name(certificate));
    // `alice\0.example` would be alice to whoever takes it for a C string.
    if (name && name->find('\0') != std::string::npos) return std::nullopt;
    return name;
}

}  // namespace curfew::proxy
