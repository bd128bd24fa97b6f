# What `cmake --install` puts where. Configure with -DCMAKE_INSTALL_PREFIX=/usr for a place that systemd and man
# look in; under /usr/local they do as well.
include(GNUInstallDirs)

foreach(program curfewd curfew)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
endforeach()

# The shells' completion, made by the command itself from what it knows.
if(TARGET curfew)
    foreach(shell_and_place bash:bash-completion/completions/curfew zsh:zsh/site-functions/_curfew
            fish:fish/vendor_completions.d/curfew.fish)
        string(REGEX MATCH "^[a-z]+" shell ${shell_and_place})
        string(REGEX REPLACE "^[a-z]+:" "" place ${shell_and_place})
        get_filename_component(folder ${place} DIRECTORY)
        set(script ${CMAKE_BINARY_DIR}/completions/${place})
        file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completions/${folder})
        add_custom_command(OUTPUT ${script}
            COMMAND sh -c "\"$1\" completion ${shell} >\"$2\"" sh $<TARGET_FILE:curfew> ${script}
            DEPENDS curfew VERBATIM)
        list(APPEND completion_scripts ${script})
        install(FILES ${script} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
    endforeach()
    add_custom_target(completion_scripts ALL DEPENDS ${completion_scripts})
endif()

# systemd looks for all of these in lib, never in lib/<architecture>.
install(CODE "
    file(READ \"${CMAKE_SOURCE_DIR}/systemd/curfewd.service\" unit)
    string(REPLACE \"ExecStart=/usr/bin/\" \"ExecStart=\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/\" unit \"\${unit}\")
    file(WRITE \"${CMAKE_BINARY_DIR}/systemd/curfewd.service\" \"\${unit}\")")
install(FILES ${CMAKE_BINARY_DIR}/systemd/curfewd.service ${CMAKE_SOURCE_DIR}/systemd/curfewd.socket
    DESTINATION lib/systemd/system)
install(FILES ${CMAKE_SOURCE_DIR}/systemd/curfew.sysusers.conf DESTINATION lib/sysusers.d RENAME curfew.conf)
install(FILES ${CMAKE_SOURCE_DIR}/systemd/curfew.tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME curfew.conf)

find_program(SCDOC scdoc)
if(SCDOC)
    foreach(page curfew.1 curfewd.8 curfew.yaml.5)
        set(source ${CMAKE_SOURCE_DIR}/docs/man/${page}.scd)
        set(man_page ${CMAKE_BINARY_DIR}/man/${page})
        file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
        add_custom_command(OUTPUT ${man_page}
            COMMAND sh -c "'${SCDOC}' <'${source}' >'${man_page}'" DEPENDS ${source} VERBATIM)
        list(APPEND man_pages ${man_page})
        string(REGEX MATCH "[0-9]$" section ${page})
        install(FILES ${man_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    endforeach()
    add_custom_target(man_pages ALL DEPENDS ${man_pages})
else()
    message(STATUS "scdoc is not here: no man pages")
endif()

install(FILES ${CMAKE_SOURCE_DIR}/monitoring/curfew-alerts.yaml
    ${CMAKE_SOURCE_DIR}/monitoring/curfew-alerts.test.yaml ${CMAKE_SOURCE_DIR}/monitoring/curfew-dashboard.json
    DESTINATION ${CMAKE_INSTALL_DATADIR}/curfew/monitoring)

install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN man EXCLUDE)
install(FILES ${CMAKE_SOURCE_DIR}/config/curfew.example.yaml ${CMAKE_SOURCE_DIR}/CHANGELOG.md
    ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
