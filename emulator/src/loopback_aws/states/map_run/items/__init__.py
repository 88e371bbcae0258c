"""The items of a Distributed Map's data set in S3, one form a module; all are streamed.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from loopback_aws.states.map_run.items.item import Item
from loopback_aws.states.map_run.items.reading import read_items, read_items_with_source

__all__ = ["Item", "read_items", "read_items_with_source"]
