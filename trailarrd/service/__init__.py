"""trailarrd as a service of systemd: its units, the account that it runs as, and how they get there.

You are in the right room for whatever changes the host: who may read what, which unit runs which program.
`unit.py` knows the units, `account.py` user, group and folders of the system's service.
"""
