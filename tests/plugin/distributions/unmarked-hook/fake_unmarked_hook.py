"""Its hook has the right name and no mark."""


def trailarrd_providers():
    return []
