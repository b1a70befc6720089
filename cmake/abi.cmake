# Generates the ABI headers, tables and Python constants from libr4/abi/r4.toml.
# r4_abi: target that everything which includes <r4/abi/...> depends on.
set(R4_ABI_DIR ${CMAKE_BINARY_DIR}/abi)
set(R4_ABI_TOML ${CMAKE_SOURCE_DIR}/libr4/abi/r4.toml)
file(GLOB R4_ABI_GENERATOR CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scripts/abigen.py ${CMAKE_SOURCE_DIR}/scripts/abi/*.py)
execute_process(
    COMMAND ${R4_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/abigen.py --toml ${R4_ABI_TOML} --out ${R4_ABI_DIR}
    RESULT_VARIABLE r4_abi_status)
if(NOT r4_abi_status EQUAL 0)
    message(FATAL_ERROR "the ABI source was refused")
endif()
add_custom_command(
    OUTPUT ${R4_ABI_DIR}/stamp
    BYPRODUCTS ${R4_ABI_DIR}/src/dispatch.c ${R4_ABI_DIR}/src/abi_names.c ${R4_ABI_DIR}/src/abi_objects.c
    COMMAND ${R4_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/abigen.py --toml ${R4_ABI_TOML} --out ${R4_ABI_DIR}
            --docs ${CMAKE_BINARY_DIR}/docs/abi
    COMMAND ${CMAKE_COMMAND} -E touch ${R4_ABI_DIR}/stamp
    DEPENDS ${R4_ABI_GENERATOR} ${R4_ABI_TOML}
    COMMENT "Generating the ABI")
add_custom_target(r4_abi DEPENDS ${R4_ABI_DIR}/stamp)
