# machine: what a machine boots, without the tests of the host.
add_custom_target(machine DEPENDS r4.elf r4-nolock.elf boot-archive)
if(TARGET r4-undefined.elf)
    add_dependencies(machine r4-undefined.elf)
endif()

# iso: build/r4.iso, which boots by a BIOS and by UEFI firmware. Not part of `all`: it needs GRUB's tools, and says which are missing.
add_custom_target(iso
    COMMAND ${R4_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/mkiso.py --kernel $<TARGET_FILE:r4.elf>
            --archive ${CMAKE_BINARY_DIR}/r4.cpio --out ${CMAKE_BINARY_DIR}/r4.iso
    DEPENDS r4.elf boot-archive ${CMAKE_SOURCE_DIR}/scripts/mkiso.py ${CMAKE_SOURCE_DIR}/scripts/r4lib/iso.py
    COMMENT "Making the bootable disc"
    VERBATIM)
