"""Sizes as plain integers, symbolic ones too.

Whether `s0 * 12` is the product of `s0` and `12` is asked often and must be quick. Each symbol
stands for its own large prime, so that products, quotients and rounding downs of symbols become
ordinary integers that are equal exactly when the expressions are, but for astronomical accidents.
"""

from __future__ import annotations

from typing import Any

import sympy  # type: ignore[import-untyped]  # it has no types
import torch

_FIRST_PRIME = 1 << 80


class Sizes:
    """Turns sizes into integers; remembers which prime stands for which symbol."""

    def __init__(self) -> None:
        self._primes: dict[Any, sympy.Integer] = {}
        self._known: dict[Any, int] = {}
        self._next = _FIRST_PRIME

    def __call__(self, size: int | torch.SymInt) -> int:
        """The size, or a number from `labels.SYMBOLIC` on that stands for a symbolic one."""
        if isinstance(size, int):
            return size
        expression = size.node.expr
        found = self._known.get(expression)
        if found is None:
            found = self._known[expression] = self._evaluate(expression)
        return found

    def _evaluate(self, expression: Any) -> int:
        for symbol in sorted(expression.free_symbols, key=str):
            if symbol not in self._primes:
                self._next = sympy.nextprime(self._next)
                self._primes[symbol] = sympy.Integer(self._next)
        value = expression.subs(self._primes)
        if value.is_integer and value.is_number:
            return int(value)
        self._next = sympy.nextprime(self._next)
        return self._next
