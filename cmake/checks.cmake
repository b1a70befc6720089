# Checks that are part of the build: purity of objects, layers of includes.
get_property(r4_pure_objects GLOBAL PROPERTY R4_PURE_OBJECTS)
get_property(r4_pure_targets GLOBAL PROPERTY R4_PURE_TARGETS)
list(JOIN r4_pure_objects "\n" r4_pure_text)
file(WRITE ${CMAKE_BINARY_DIR}/pure-objects.txt "${r4_pure_text}\n")
set(r4_pure_depends "")
foreach(target IN LISTS r4_pure_targets)
    list(APPEND r4_pure_depends $<TARGET_OBJECTS:${target}>)
endforeach()
add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/purity.stamp
    COMMAND ${CMAKE_COMMAND} -DNM=${R4_NM} -DLIST=${CMAKE_BINARY_DIR}/pure-objects.txt
            -P ${CMAKE_SOURCE_DIR}/cmake/purity.cmake
    COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/purity.stamp
    DEPENDS ${r4_pure_depends} ${CMAKE_SOURCE_DIR}/cmake/purity.cmake
    COMMENT "Checking purity")
add_custom_target(check-purity ALL DEPENDS ${CMAKE_BINARY_DIR}/purity.stamp)

file(GLOB_RECURSE r4_layer_files CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/kernel/*.[ch] ${CMAKE_SOURCE_DIR}/cluster/*.[ch] ${CMAKE_SOURCE_DIR}/arch/*.[chS]
    ${CMAKE_SOURCE_DIR}/libr4/*.[chS] ${CMAKE_SOURCE_DIR}/userland/*.[ch])
add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/layers.stamp
    COMMAND ${R4_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/check_layers.py ${CMAKE_SOURCE_DIR}
    COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/layers.stamp
    DEPENDS ${r4_layer_files} ${CMAKE_SOURCE_DIR}/scripts/check_layers.py
    COMMENT "Checking layers")
add_custom_target(check-layers ALL DEPENDS ${CMAKE_BINARY_DIR}/layers.stamp)
