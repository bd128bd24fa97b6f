#include "cli/download.hpp"

#include <fmt/format.h>

#include "cli/api_client.hpp"
#include "cli/curl_handle.hpp"

namespace curfew::cli {
namespace {

constexpr long longest_silence_s = 30;
constexpr std::size_t largest_problem_kept = 65'536;

struct Download {
    CurlHandle& handle;
    const TakePiece& take;
    std::string problem;  // the body of an answer that is no success
    bool enough = false;
};

std::size_t take_download(char* data, std::size_t size, std::size_t count, void* to) {
    auto& download = *static_cast<Download*>(to);
    const std::string_view piece{data, size * count};
    if (download.handle.status() != 200) {
        if (download.problem.size() < largest_problem_kept) download.problem += piece;
        return piece.size();
    }
    download.enough = !download.take(piece);
    return download.enough ? 0 : piece.size();
}

}  // namespace

Outcome<void> download(const Server& server, const std::string& target, const std::string& accept,
                       const TakePiece& take) {
    CurlHandle handle{server, api_prefix + target};
    Download state{handle, take, {}, false};
    handle.add_header("Accept", accept);
    handle.finish_headers();
    handle.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    handle.set(CURLOPT_LOW_SPEED_TIME, longest_silence_s);
    ::curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take_download);
    ::curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &state);
    const auto code = ::curl_easy_perform(handle.get());
    if (state.enough) return {};
    if (code != CURLE_OK) {
        return handle.failure(code,
                              fmt::format("{} said nothing for {} s", server.name(), longest_silence_s));
    }
    if (handle.status() != 200) return answer_failure(static_cast<unsigned>(handle.status()), state.problem);
    return {};
}

}  // namespace curfew::cli
