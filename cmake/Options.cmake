# Flags that every target is built with.
option(CURFEW_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
set(CURFEW_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=: 'address,undefined' or 'thread'")

add_library(curfew_options INTERFACE)
target_compile_features(curfew_options INTERFACE cxx_std_20)
target_compile_options(curfew_options INTERFACE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor
    -Woverloaded-virtual -fstack-protector-strong -fno-omit-frame-pointer)
target_link_options(curfew_options INTERFACE -Wl,-z,relro,-z,now)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns of uninitialised and null values inside Boost's and libstdc++'s own inlined code.
    target_compile_options(curfew_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict
        -Wno-stringop-overflow -Wno-array-bounds -Wno-mismatched-new-delete)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_definitions(curfew_options INTERFACE _FORTIFY_SOURCE=2)
    set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
endif()
if(CURFEW_SANITIZE)
    # clang 14 cannot put what -fsanitize=function needs before a coroutine.
    target_compile_options(curfew_options INTERFACE -fsanitize=${CURFEW_SANITIZE} -fno-sanitize-recover=all
        $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
    target_link_options(curfew_options INTERFACE -fsanitize=${CURFEW_SANITIZE})
    set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
    set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()
# What libFuzzer is to find its way through. To instrument everything else as well would only cost time.
set(CURFEW_FUZZED_LAYERS base protocol_postgres policy config recording_format recording)

# Compiles a dozen sources as one: a whole build takes a third of the time. A build without it is what tells of a
# missing #include. What its source needs for itself is left out by SKIP_UNITY_BUILD_INCLUSION.
option(CURFEW_UNITY "Compile several sources of a target at once" OFF)
set(CMAKE_UNITY_BUILD ${CURFEW_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 40)
if(CURFEW_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # To g++ an anonymous namespace of an included source is one of a header.
    target_compile_options(curfew_options INTERFACE -Wno-subobject-linkage)
endif()

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    target_link_options(curfew_options INTERFACE -fuse-ld=mold)
endif()
