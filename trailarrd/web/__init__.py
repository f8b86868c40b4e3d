"""The HTTP server: how people and programs ask the running daemon, and tell it something.

You are in the right room for anything that answers a request. `application.py` puts it together from
`Services`, which is all that it may ask; `route.py` turns a typed function into a route with its
validation and its documentation; `api/` has one module per noun. No SQL, no files, no decisions here.
"""
