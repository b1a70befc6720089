# Warnings are errors, in every target.
set(R4_WARNINGS
    -Wall -Wextra -Werror -Wshadow -Wconversion -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes
    -Wvla -Wundef -Wimplicit-fallthrough -Wpointer-arith -Wwrite-strings)
