"""What must outlive the rest: the data bucket and the key to it."""

from stacks.storage.stack import StorageStack

__all__ = ["StorageStack"]
