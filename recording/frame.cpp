#include "recording/frame.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace curfew::recording {
namespace {

constexpr std::string_view frame_mark = "fram";
constexpr std::size_t covered_by_chain = frame_header_size - sizeof(Sha256Digest);
// Some 36,000 years: whatever is read can be counted with.
constexpr std::uint64_t latest_frame = 1ULL << 60U;

// Most significant byte first, as in PostgreSQL's protocol.
template <class Number>
char* put_number(char* at, Number number) {
    for (std::size_t byte = sizeof(Number); byte-- > 0;)
        *at++ = static_cast<char>(static_cast<unsigned char>(number >> (8 * byte)));
    return at;
}

template <class Number>
Number take_number(std::string_view& bytes) {
    Number number = 0;
    for (std::size_t byte = 0; byte < sizeof(Number); ++byte)
        number = static_cast<Number>(number << 8U) | static_cast<unsigned char>(bytes[byte]);
    bytes.remove_prefix(sizeof(Number));
    return number;
}

Error no_frame(std::string what) {
    return {ErrorCode::invalid, std::move(what)};
}

struct FreeDigestContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

Sha256Digest first_link() {
    return sha256(file_magic);
}

std::array<char, frame_header_size> write_header(const FrameHeader& header) {
    std::array<char, frame_header_size> bytes{};
    char* at = std::copy(frame_mark.begin(), frame_mark.end(), bytes.data());
    at = put_number(at, header.payload_size);
    at = put_number(at, header.text_size);
    at = put_number(at, header.entries);
    at = put_number(at, static_cast<std::uint64_t>(header.first.count()));
    std::copy(header.chain.begin(), header.chain.end(), at);
    return bytes;
}

Result<FrameHeader> read_header(std::string_view bytes) {
    if (bytes.size() != frame_header_size || !bytes.starts_with(frame_mark))
        return no_frame("no frame begins there");
    bytes.remove_prefix(frame_mark.size());
    FrameHeader header;
    header.payload_size = take_number<std::uint32_t>(bytes);
    header.text_size = take_number<std::uint32_t>(bytes);
    header.entries = take_number<std::uint32_t>(bytes);
    const auto first = take_number<std::uint64_t>(bytes);
    std::copy(bytes.begin(), bytes.end(), header.chain.begin());
    if (header.payload_size > longest_frame_payload || header.text_size > longest_frame_text)
        return no_frame("the frame there says that it is longer than any");
    // A line has two bytes at least.
    if (header.payload_size == 0 || header.entries == 0 || header.entries > header.text_size / 2)
        return no_frame("the frame there says that it has fewer bytes than entries");
    if (first > latest_frame) return no_frame("the frame there says that it is from after the end of time");
    header.first = Offset{static_cast<std::int64_t>(first)};
    return header;
}

Sha256Digest next_link(const Sha256Digest& before, const FrameHeader& header, std::string_view payload) {
    const auto bytes = write_header(header);
    const std::unique_ptr<EVP_MD_CTX, FreeDigestContext> context{EVP_MD_CTX_new()};
    Sha256Digest digest{};
    const bool done = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), before.data(), before.size()) == 1 &&
                      EVP_DigestUpdate(context.get(), bytes.data(), covered_by_chain) == 1 &&
                      EVP_DigestUpdate(context.get(), payload.data(), payload.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
    if (!done) throw std::runtime_error("OpenSSL could not compute a SHA-256 digest");
    return digest;
}

}  // namespace curfew::recording
