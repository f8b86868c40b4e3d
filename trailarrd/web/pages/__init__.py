"""The pages for people: what the daemon knows and does, in a browser.

You are in the right room for anything that is HTML. Each page is a module that gathers what its
template in `templates/` shows; `site.py` has what they share, `static/` what browsers load beside
them. A page reads from `Services` as the API does; its buttons call the API.
"""

from trailarrd.web.pages.login import Login
from trailarrd.web.pages.routes import add_to

__all__ = ["Login", "add_to"]
