"""What synthesis itself enforces."""

from stacks.policy.policy import add_policy

__all__ = ["add_policy"]
