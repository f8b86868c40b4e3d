"""What a command and the daemon both work with: the store, and a refresher for each connection.

You are in the right room for what is open while trailarrd works, and how it changes when the configuration
does. What runs for long is in `trailarrd.daemon`, how one refresh goes in `trailarrd.refresh`.
"""
