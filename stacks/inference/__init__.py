"""The model behind its endpoint."""

from stacks.inference.stack import InferenceStack

__all__ = ["InferenceStack"]
