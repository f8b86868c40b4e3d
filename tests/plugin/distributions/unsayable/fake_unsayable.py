"""Raises an error that cannot be shown."""


class UnsayableError(Exception):
    def __str__(self):
        raise ValueError


raise UnsayableError
