"""Trailers come home: which, from where, when, whether it is one, and into the library without harm.

Nothing of this is imported before `download:` stands in trailarrd.yaml. Pure values and what follows from a
failure are in `trailarrd.domain.download` and `trailarrd.domain.site`, what is remembered is in
`trailarrd.store`; what brings a video home is a plugin's.
"""
