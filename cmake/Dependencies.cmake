# Everything comes from Debian 12; `scripts/setup` installs it.
find_package(Threads REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PostgreSQL 15 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(IDN REQUIRED IMPORTED_TARGET libidn)

# Asio and Beast are compiled once, not in every file that names them.
add_library(curfew_asio STATIC cmake/boost_separate_compilation.cpp)
target_compile_features(curfew_asio PUBLIC cxx_std_20)
target_compile_definitions(curfew_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(curfew_asio PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
if(CURFEW_SANITIZE)
    target_compile_options(curfew_asio PRIVATE -fsanitize=${CURFEW_SANITIZE})
endif()
