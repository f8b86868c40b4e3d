"""Questions to the person at the terminal; Ctrl-C and Ctrl-D at one end the command at once, with 130.

asyncio has SIGINT for itself while a command runs, and only notes it for later, when the question has long
been answered: so it gets Python's own handler back while one is asked.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click


def ask(question: str, *, hidden: bool = False) -> str:
    """What the person types, without blanks around it; nothing if it is just Enter."""
    with _interruptible():
        text: str = click.prompt(question, default="", show_default=False, hide_input=hidden, err=True)
    return text.strip()


def is_confirmed(question: str) -> bool:
    """Whether the answer is yes; Enter is no."""
    with _interruptible():
        return click.confirm(question, err=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # whoever runs us has the signals
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if (task := asyncio.current_task()) and task.cancelling():
            raise KeyboardInterrupt  # that came before the question was there
        yield
    finally:
        signal.signal(signal.SIGINT, before)
