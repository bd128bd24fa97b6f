# curfew_page(OUTPUT): the source file that has the web page in it. Its npm packages are installed by scripts/setup.
option(CURFEW_PAGE "Build the web page into curfewd" ON)

function(curfew_page output)
    set(web ${CMAKE_SOURCE_DIR}/web)
    add_executable(embed_page embed_page.cpp)
    target_link_libraries(embed_page PRIVATE curfew_options curfew_base Boost::json ZLIB::ZLIB)
    set(built)
    if(CURFEW_PAGE AND NOT EXISTS ${web}/node_modules/vite)
        message(WARNING "curfewd is built WITHOUT its web page: its npm packages are not installed in web/. "
            "Run scripts/setup and configure again, or say -DCURFEW_PAGE=OFF.")
    elseif(CURFEW_PAGE)
        find_program(NODE NAMES node nodejs)
        if(NOT NODE)
            message(FATAL_ERROR "The web page is built with Node.js 18 or newer, and there is no node. "
                "Run scripts/setup, or configure with -DCURFEW_PAGE=OFF.")
        endif()
        set(built ${CMAKE_CURRENT_BINARY_DIR}/page)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/*)
        add_custom_command(OUTPUT ${built}/index.html
            COMMAND ${NODE} ${web}/node_modules/vite/bin/vite.js build --logLevel warn --emptyOutDir --outDir ${built}
            DEPENDS ${sources} ${web}/index.html ${web}/vite.config.ts ${web}/tsconfig.json ${web}/package-lock.json
            WORKING_DIRECTORY ${web} COMMENT "Building the web page" VERBATIM)
    endif()
    add_custom_command(OUTPUT ${output}
        COMMAND embed_page ${output} ${web}/paths.json ${built}
        DEPENDS embed_page ${web}/paths.json $<$<BOOL:${built}>:${built}/index.html> COMMAND_EXPAND_LISTS VERBATIM)
endfunction()
