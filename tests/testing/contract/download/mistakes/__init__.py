"""Downloaders that are the toy but for one thing, each with the checks that must catch it."""

from tests.testing.contract.download.mistakes import bringing, descriptor, equipment, refusing, stopping
from tests.testing.contract.download.mistakes.mistake import MISTAKES, Mistake

__all__ = ["MISTAKES", "Mistake", "bringing", "descriptor", "equipment", "refusing", "stopping"]
