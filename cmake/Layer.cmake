# curfew_layer(NAME FOLDER SOURCES ... [DEPENDS layers...] [LIBRARIES targets...])
#
# One static library a layer. A layer's headers are reachable only by targets that list it (or something
# above it) in DEPENDS: each layer has an include folder of its own that holds nothing but a link to its
# sources, so `#include "proxy/…"` from policy/ does not compile.
function(curfew_layer name folder)
    cmake_parse_arguments(LAYER "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
    list(TRANSFORM LAYER_SOURCES PREPEND "${CMAKE_SOURCE_DIR}/${folder}/")
    list(TRANSFORM LAYER_DEPENDS PREPEND "curfew_")

    set(includes "${CMAKE_BINARY_DIR}/layers/${name}")
    get_filename_component(parent "${includes}/${folder}" DIRECTORY)
    file(MAKE_DIRECTORY "${parent}")
    file(CREATE_LINK "${CMAKE_SOURCE_DIR}/${folder}" "${includes}/${folder}" SYMBOLIC)

    add_library(curfew_${name} STATIC ${LAYER_SOURCES})
    target_include_directories(curfew_${name} PUBLIC "${includes}")
    target_link_libraries(curfew_${name} PUBLIC curfew_options ${LAYER_DEPENDS} ${LAYER_LIBRARIES})
    if(CURFEW_FUZZ AND name IN_LIST CURFEW_FUZZED_LAYERS)
        target_compile_options(curfew_${name} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
endfunction()
