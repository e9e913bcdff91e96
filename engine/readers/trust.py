"""Files that run code: what they would import, and the refusal until the user vouches for them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import TrustRequired
from engine.readers.listing import with_suffix

_HARMLESS = ("torch._utils._rebuild", "torch.Size", "torch.device", "collections.OrderedDict")
_SHOWN = 6


def outside_torch(imports: Sequence[str]) -> list[str]:
    """What a pickle imports beyond what every file of torch has; foreign modules first."""
    told = [
        name
        for name in imports
        if not name.startswith(_HARMLESS) and not name.endswith("Storage")
        if name not in ("builtins.set", "__builtin__.set")
    ]
    return sorted(told, key=lambda name: name.startswith("torch.nn."))


def pickle_needs_trust(path: str, imports: Sequence[str]) -> TrustRequired:
    """The error for a pickled module that the user has not vouched for; names what it imports."""
    names = outside_torch(imports)
    what = with_suffix("it would import", names, _SHOWN) if names else "it may run anything"
    return TrustRequired(
        f"{path} is a pickled module, and opening it runs code: {what}",
        hint="Open it only if you trust where it comes from (--trust on the command line).",
        where=path,
    )


def architecture_needs_trust(architecture: str) -> TrustRequired:
    """The error for an architecture file that the user has not vouched for."""
    return TrustRequired(
        f"{architecture} is Python code, and building the network runs it",
        hint="Use it only if you trust where it comes from (--trust on the command line).",
        where=architecture,
    )
