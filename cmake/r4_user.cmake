# How libr4 and user programs are compiled: freestanding, static, at fixed addresses.
#
# r4_user_library(<name> [PURE files...] [SOURCES] files...)   a static library of this name; PURE as in r4_module
# r4_user_program(<name> [FOLDER folder] files...)             userland/<folder>/<name>, linked with libr4; userland/README.md
#                                                              says what the folders are; bin if none is named
#
# Programs are the same bytes in every folder. Assembly has no debugging information because Clang 14 would write
# the folder into it.
#
# Also writes userland/user-flags.json, with which `scripts/r4 run --add` and `--add-lab` compile programs out of the tree.

set(R4_USER_FLAGS
    --target=x86_64-linux-gnu -std=c17 -O2 -g -ffreestanding -nostdlibinc -fno-pic -fno-asynchronous-unwind-tables
    -ffunction-sections -fdata-sections -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= ${R4_WARNINGS})
set(R4_USER_INCLUDES
    ${CMAKE_SOURCE_DIR}/libr4/include ${CMAKE_SOURCE_DIR}/libr4/freestanding ${R4_ABI_DIR}/include
    ${CMAKE_SOURCE_DIR}/kernel/include)
set(R4_USER_SCRIPT ${CMAKE_SOURCE_DIR}/libr4/user.ld)
set(R4_USER_LINK
    --target=x86_64-linux-gnu -nostdlib -static -fuse-ld=lld -Wl,-T,${R4_USER_SCRIPT} -Wl,--build-id=none
    -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,--gc-sections -Wl,--fatal-warnings)
set(R4_USER_OUT ${CMAKE_BINARY_DIR}/userland)

function(r4_user_objects target)
    add_library(${target} OBJECT ${ARGN})
    target_compile_options(${target} PRIVATE
        "$<$<COMPILE_LANGUAGE:C>:${R4_USER_FLAGS}>"
        "$<$<COMPILE_LANGUAGE:ASM>:--target=x86_64-linux-gnu>")
    target_include_directories(${target} PRIVATE ${R4_USER_INCLUDES})
    add_dependencies(${target} r4_abi)
endfunction()

function(r4_user_library name)
    cmake_parse_arguments(L "" "" "PURE;SOURCES" ${ARGN})
    set(sources ${L_SOURCES} ${L_UNPARSED_ARGUMENTS})
    r4_user_objects(${name}.user ${sources})
    set(objects $<TARGET_OBJECTS:${name}.user>)
    if(L_PURE)
        r4_user_objects(${name}.pure ${L_PURE})
        list(APPEND objects $<TARGET_OBJECTS:${name}.pure>)
    endif()
    add_library(${name} STATIC ${objects})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
    # The same purity as in the kernel, checked together with its files.
    foreach(file IN LISTS L_PURE)
        set_property(GLOBAL APPEND PROPERTY R4_PURE_OBJECTS
            "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.pure.dir/${file}.o")
    endforeach()
    if(L_PURE)
        set_property(GLOBAL APPEND PROPERTY R4_PURE_TARGETS ${name}.pure)
    endif()
endfunction()

function(r4_user_program name)
    cmake_parse_arguments(P "" "FOLDER" "" ${ARGN})
    if(NOT P_FOLDER)
        set(P_FOLDER bin)
    endif()
    set(folder ${R4_USER_OUT}/${P_FOLDER})
    add_executable(${name}.program ${P_UNPARSED_ARGUMENTS})
    target_compile_options(${name}.program PRIVATE
        "$<$<COMPILE_LANGUAGE:C>:${R4_USER_FLAGS}>"
        "$<$<COMPILE_LANGUAGE:ASM>:--target=x86_64-linux-gnu>")
    target_include_directories(${name}.program PRIVATE ${R4_USER_INCLUDES})
    target_link_options(${name}.program PRIVATE ${R4_USER_LINK})
    if(P_FOLDER STREQUAL lab)
        target_link_libraries(${name}.program PRIVATE lab)
        target_include_directories(${name}.program PRIVATE ${CMAKE_SOURCE_DIR}/userland/experiments)
    endif()
    target_link_libraries(${name}.program PRIVATE r4)
    set_target_properties(${name}.program PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${folder}
                          LINK_DEPENDS ${R4_USER_SCRIPT})
    add_dependencies(${name}.program r4_abi)
    set_property(GLOBAL APPEND PROPERTY R4_USER_PROGRAMS ${name}.program)
    set_property(GLOBAL APPEND PROPERTY R4_USER_PROGRAM_FILES ${folder}/${name})
endfunction()

# The list elements as a JSON array.
function(r4_json_array out)
    set(quoted "")
    foreach(element IN LISTS ARGN)
        list(APPEND quoted "\"${element}\"")
    endforeach()
    list(JOIN quoted ", " text)
    set(${out} "[${text}]" PARENT_SCOPE)
endfunction()

# Warnings of someone's experiment are not errors.
set(r4_added_flags ${R4_USER_FLAGS})
list(REMOVE_ITEM r4_added_flags ${R4_WARNINGS})
list(APPEND r4_added_flags -Wall)
foreach(include IN LISTS R4_USER_INCLUDES)
    list(APPEND r4_added_flags -I${include})
endforeach()
r4_json_array(r4_added_cflags ${r4_added_flags})
r4_json_array(r4_added_ldflags ${R4_USER_LINK})
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/userland/user-flags.json CONTENT
"{
  \"cc\": \"@CMAKE_C_COMPILER@\",
  \"cflags\": @r4_added_cflags@,
  \"ldflags\": @r4_added_ldflags@,
  \"objects\": [\"@CMAKE_BINARY_DIR@/libr4/libr4.a\"],
  \"lab_cflags\": [\"-I@CMAKE_SOURCE_DIR@/userland/experiments\"],
  \"lab_objects\": [\"@CMAKE_BINARY_DIR@/userland/liblab.a\"]
}
" @ONLY)
