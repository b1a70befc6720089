# The ways in which a source file of the kernel is compiled.
#
#   <name>.kernel   freestanding, against arch/x86_64
#   <name>.host     hosted with ASan and UBSan, against arch/host
#   <name>.fast     the same optimised and without them, for tests of many operations
#
# r4_module(NAME <n> [VARIANT] [SMALL] [ONLY kernel|host] [PURE files...] [SOURCES files...] [INCLUDES dirs...])
#   SMALL modules are compiled for size in the kernel: nobody waits for them.
#   PURE files may use nothing but their arguments: cmake/purity.cmake checks their objects.
#   VARIANT modules stand in for another one: they are built, but are in no image by default.
# r4_kernel_image(<target> [WITHOUT modules...] [WITH modules...] [LINK options...])
# r4_unit_test(<file> [LINK files...] [MODULES names...])    one cmocka executable and one ctest entry
# r4_fast_test(<target> files... [INCLUDES dirs...])         the same of fast objects
# r4_fuzz_target(<name> <file> [LINK files...] [INCLUDES dirs...])   one libFuzzer executable; see scripts/r4 fuzz

set(R4_KERNEL_FLAGS
    --target=x86_64-linux-gnu -std=c17 -O2 -g -ffreestanding -nostdlibinc -fno-pic -fno-builtin-printf
    -mno-red-zone -mcmodel=kernel -mgeneral-regs-only -fno-asynchronous-unwind-tables
    -fstack-protector-strong -fomit-frame-pointer
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= ${R4_WARNINGS})
option(R4_UBSAN "The kernel checks itself for undefined behaviour and panics" OFF)
if(R4_UBSAN)
    list(APPEND R4_KERNEL_FLAGS -fsanitize=undefined -fsanitize-trap=undefined -fno-sanitize=function)
endif()
set(R4_HOST_FLAGS
    -std=c17 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= ${R4_WARNINGS})
set(R4_HOST_LINK -fsanitize=address,undefined)
set(R4_FAST_FLAGS -std=c17 -O2 -g -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= ${R4_WARNINGS})
option(R4_COVERAGE "The host tests count which lines of the kernel they execute" OFF)
if(R4_COVERAGE)
    foreach(way IN ITEMS HOST FAST)
        list(APPEND R4_${way}_FLAGS -fprofile-instr-generate -fcoverage-mapping)
        list(APPEND R4_${way}_LINK -fprofile-instr-generate)
    endforeach()
endif()
set(R4_SANITIZER_OPTIONS ${CMAKE_SOURCE_DIR}/tests/support/sanitizer_options.c)

set(R4_COMMON_INCLUDES
    ${CMAKE_SOURCE_DIR}/kernel/include
    ${CMAKE_SOURCE_DIR}/arch/include
    ${R4_ABI_DIR}/include)
set(R4_KERNEL_INCLUDES ${R4_COMMON_INCLUDES} ${CMAKE_SOURCE_DIR}/arch/x86_64/include)
set(R4_HOST_INCLUDES ${R4_COMMON_INCLUDES} ${CMAKE_SOURCE_DIR}/arch/host/include)

function(r4_object_library target flags includes)
    add_library(${target} OBJECT ${ARGN})
    target_compile_options(${target} PRIVATE
        "$<$<COMPILE_LANGUAGE:C>:${flags}>"
        "$<$<COMPILE_LANGUAGE:ASM>:--target=x86_64-linux-gnu;-g;-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=>")
    target_include_directories(${target} PRIVATE ${includes})
    add_dependencies(${target} r4_abi)
endfunction()

function(r4_module)
    cmake_parse_arguments(M "VARIANT;SMALL" "NAME;ONLY" "PURE;SOURCES;INCLUDES" ${ARGN})
    if(M_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "r4_module(${M_NAME}): unknown argument ${M_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT M_ONLY STREQUAL "host")
        # Runtime modules are optimised as one program. The linker script knows boot's by their names.
        set(flags ${R4_KERNEL_FLAGS})
        if(NOT M_NAME MATCHES "boot$|^bringup$")
            list(APPEND flags -flto)
        endif()
        if(M_SMALL)
            list(APPEND flags -Oz)
        endif()
        r4_object_library(${M_NAME}.kernel "${flags}" "${R4_KERNEL_INCLUDES};${M_INCLUDES}"
                          ${M_PURE} ${M_SOURCES})
        if(NOT M_VARIANT)
            set_property(GLOBAL APPEND PROPERTY R4_KERNEL_MODULES ${M_NAME})
        endif()
        foreach(file IN LISTS M_PURE)
            set_property(GLOBAL APPEND PROPERTY R4_PURE_OBJECTS
                "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${M_NAME}.kernel.dir/${file}.o")
        endforeach()
        if(M_PURE)
            set_property(GLOBAL APPEND PROPERTY R4_PURE_TARGETS ${M_NAME}.kernel)
        endif()
    endif()
    if(NOT M_ONLY STREQUAL "kernel")
        r4_object_library(${M_NAME}.host "${R4_HOST_FLAGS}" "${R4_HOST_INCLUDES};${M_INCLUDES}"
                          ${M_PURE} ${M_SOURCES})
        if(NOT M_VARIANT)
            r4_object_library(${M_NAME}.fast "${R4_FAST_FLAGS}" "${R4_HOST_INCLUDES};${M_INCLUDES}"
                              ${M_PURE} ${M_SOURCES})
            # One compilation of a file is enough for clang-tidy.
            set_target_properties(${M_NAME}.fast PROPERTIES EXCLUDE_FROM_ALL ON EXPORT_COMPILE_COMMANDS OFF)
            set_property(GLOBAL APPEND PROPERTY R4_HOST_MODULES ${M_NAME})
        endif()
    endif()
endfunction()

function(r4_kernel_image target)
    cmake_parse_arguments(I "" "" "WITH;WITHOUT;LINK" ${ARGN})
    get_property(modules GLOBAL PROPERTY R4_KERNEL_MODULES)
    list(REMOVE_ITEM modules "" ${I_WITHOUT})
    list(APPEND modules ${I_WITH})
    set(objects "")
    foreach(module IN LISTS modules)
        list(APPEND objects $<TARGET_OBJECTS:${module}.kernel>)
    endforeach()
    set(script ${CMAKE_SOURCE_DIR}/arch/x86_64/kernel.ld)
    add_executable(${target} ${objects})
    set_property(GLOBAL APPEND PROPERTY R4_KERNEL_IMAGES ${target})
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C LINK_DEPENDS ${script}
                          RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
    target_link_options(${target} PRIVATE
        --target=x86_64-linux-gnu -nostdlib -static -fuse-ld=lld -Wl,-T,${script} -Wl,--build-id=none
        -Wl,-z,max-page-size=4096 -flto -Wl,--lto-O2 -Wl,--no-dynamic-linker -Wl,--fatal-warnings -Wl,-Map,${CMAKE_BINARY_DIR}/${target}.map
        ${I_LINK})
endfunction()

# All of the generic kernel and arch/host as one archive; tests take what they use.
function(r4_host_core)
    get_property(modules GLOBAL PROPERTY R4_HOST_MODULES)
    foreach(way IN ITEMS host fast)
        set(objects "")
        foreach(module IN LISTS modules)
            list(APPEND objects $<TARGET_OBJECTS:${module}.${way}>)
        endforeach()
        add_library(kcore_${way} STATIC ${objects})
        set_target_properties(kcore_${way} PROPERTIES LINKER_LANGUAGE C)
    endforeach()
    set_target_properties(kcore_fast PROPERTIES EXCLUDE_FROM_ALL ON)
endfunction()

function(r4_test_executable name core)
    cmake_parse_arguments(T "" "" "FLAGS;LINK;INCLUDES" ${ARGN})
    add_executable(${name} ${T_UNPARSED_ARGUMENTS})
    target_compile_options(${name} PRIVATE ${T_FLAGS})
    target_link_options(${name} PRIVATE ${T_LINK})
    target_include_directories(${name} PRIVATE ${R4_HOST_INCLUDES} ${CMAKE_SOURCE_DIR}/cluster/include
                               ${CMAKE_SOURCE_DIR}/tests/support ${T_INCLUDES})
    target_link_libraries(${name} PRIVATE ${core} cmocka)
    add_dependencies(${name} r4_abi)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bin)
    add_test(NAME ${name} COMMAND ${name})
    set_property(GLOBAL APPEND PROPERTY R4_HOST_TESTS ${name})
endfunction()

function(r4_host_test name)
    cmake_parse_arguments(T "" "" "LINK;MODULES;INCLUDES" ${ARGN})
    r4_test_executable(${name} kcore_host ${T_UNPARSED_ARGUMENTS} ${T_LINK} ${R4_SANITIZER_OPTIONS}
                       FLAGS ${R4_HOST_FLAGS} LINK ${R4_HOST_LINK} INCLUDES ${T_INCLUDES})
endfunction()

function(r4_fast_test name)
    cmake_parse_arguments(T "" "" "INCLUDES" ${ARGN})
    r4_test_executable(${name} kcore_fast ${T_UNPARSED_ARGUMENTS}
                       FLAGS ${R4_FAST_FLAGS} LINK ${R4_FAST_LINK} INCLUDES ${T_INCLUDES})
    set_target_properties(${name} PROPERTIES EXPORT_COMPILE_COMMANDS OFF)
endfunction()

function(r4_unit_test file)
    get_filename_component(name ${file} NAME_WE)
    r4_host_test(${name} ${file} ${ARGN})
endfunction()

function(r4_sim_test file)
    get_filename_component(name ${file} NAME_WE)
    r4_host_test(${name} ${file} ${ARGN})
endfunction()

function(r4_fuzz_target name file)
    cmake_parse_arguments(F "" "" "LINK;INCLUDES" ${ARGN})
    add_executable(${name} EXCLUDE_FROM_ALL ${file} ${F_LINK} ${R4_SANITIZER_OPTIONS})
    target_compile_options(${name} PRIVATE ${R4_HOST_FLAGS} -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE ${R4_HOST_LINK} -fsanitize=fuzzer)
    target_include_directories(${name} PRIVATE ${R4_HOST_INCLUDES} ${CMAKE_SOURCE_DIR}/cluster/include
                               ${CMAKE_SOURCE_DIR}/tests/support ${F_INCLUDES})
    target_link_libraries(${name} PRIVATE kcore_host cmocka)
    add_dependencies(${name} r4_abi)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/fuzz)
    set_property(GLOBAL APPEND PROPERTY R4_FUZZ_TARGETS ${name})
endfunction()
