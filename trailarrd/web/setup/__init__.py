"""Beginning in the browser: from an address and a key to a configuration, before there is a daemon.

You are in the right room for what `trailarrd run --setup` shows. `code.py` decides who may, `setup.py` keeps
what was said so far, `application.py` has the routes. What it does is what `trailarrd init` does, by the
same code: `doctor/introduction.py` and `config/scaffold.py`.
"""
