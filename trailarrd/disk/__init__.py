"""The file system: is a root folder there at all, and which items have a trailer beside them.

You are in the right room for anything that touches a file. Nothing here runs on the event loop,
and nothing here decides: a folder that cannot be trusted is `unknown`, never `absent`.
"""
