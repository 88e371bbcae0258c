"""Images that are classified when they are uploaded: setting `workflow.inbox`."""

from stacks.workflow.inbox.inbox import Inbox

__all__ = ["Inbox"]
