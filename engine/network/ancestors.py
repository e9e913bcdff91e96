"""What values of a network are computed from."""

from __future__ import annotations

from collections.abc import Collection

from torch import fx


def ancestors(wanted: Collection[fx.Node], known: Collection[fx.Node] = ()) -> set[fx.Node]:
    """Some nodes and all that they are computed from, but for those that are known."""
    found: set[fx.Node] = set()
    waiting = [node for node in wanted if node not in known]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [source for source in node.all_input_nodes if source not in known]
    return found
