"""The workflows that classify images, and how people hear of what came of it."""

from stacks.workflow.stack import WorkflowStack

__all__ = ["WorkflowStack"]
