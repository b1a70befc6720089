# SPDX-License-Identifier: MIT
"""The one exception that ends a command with a sentence instead of a traceback."""

STATUS_SETUP = 2


class Problem(Exception):
    """Something that the user can put right; `status` becomes the exit status of r4."""

    def __init__(self, message: str, status: int = STATUS_SETUP):
        super().__init__(message)
        self.status = status
