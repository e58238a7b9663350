"""The tiny model of the training tests."""

from tests.training.conftest import tiny_model

__all__ = ["tiny_model"]
