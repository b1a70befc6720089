# machine: what a machine boots, and the plugins that count on it, without the tests of the host.
get_property(r4_kernel_images GLOBAL PROPERTY R4_KERNEL_IMAGES)
add_custom_target(machine DEPENDS ${r4_kernel_images} boot-archive traffic boot_count coverage)

# iso: build/r4.iso, which boots by a BIOS and by UEFI firmware. Not part of `all`: it needs GRUB's tools, and says which are missing.
add_custom_target(iso
    COMMAND ${R4_PYTHON} ${CMAKE_SOURCE_DIR}/scripts/mkiso.py --kernel $<TARGET_FILE:r4.elf>
            --archive ${CMAKE_BINARY_DIR}/r4.cpio --out ${CMAKE_BINARY_DIR}/r4.iso
    DEPENDS r4.elf boot-archive ${CMAKE_SOURCE_DIR}/scripts/mkiso.py ${CMAKE_SOURCE_DIR}/scripts/r4lib/iso.py
    COMMENT "Making the bootable disc"
    VERBATIM)
