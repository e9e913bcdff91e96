"""Words for what recipes and the registry name with symbols."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.frozen import thaw
from engine.parameters import Params
from engine.recipe.model import Problem, Rule, Step
from engine.registry import REGISTRY, Kind, Method, Needs, Tag
from studio.forms.form import shown
from studio.forms.schema import Field, fields_of
from studio.words import listed, word

translate = QCoreApplication.translate

_PERCENT = " %"


def kind_words(kind: Kind) -> str:
    """A family's name."""
    return {
        Kind.PRUNING: translate("Recipe", "Pruning"),
        Kind.QUANTIZATION: translate("Recipe", "Quantization"),
        Kind.SHARING: translate("Recipe", "Parameter sharing"),
        Kind.LOW_RANK: translate("Recipe", "Low rank"),
        Kind.COMPACT: translate("Recipe", "Compact blocks"),
        Kind.DISTILLATION: translate("Recipe", "Distillation"),
        Kind.RECOVERY: translate("Recipe", "Recovery"),
    }.get(kind, kind.value)


def tag_words(tag: Tag) -> str:
    """What a tag promises."""
    return {
        Tag.FRONT_END: translate("Recipe", "any runtime"),
        Tag.BACK_END: translate("Recipe", "special runtime"),
        Tag.SIZE: translate("Recipe", "smaller"),
        Tag.MACS: translate("Recipe", "less work"),
        Tag.LATENCY: translate("Recipe", "faster"),
        Tag.MEMORY: translate("Recipe", "less memory"),
    }[tag]


def needs_words(needs: Needs) -> tuple[str, ...]:
    """What has to be there before a method can run; what the pipeline works out is left away."""
    words = {
        Needs.CALIBRATION: translate("Recipe", "calibration data"),
        Needs.LABELS: translate("Recipe", "labels"),
        Needs.TRAINING: translate("Recipe", "training data"),
        Needs.BATCH_NORM: translate("Recipe", "batch norms"),
    }
    return tuple(text for need, text in words.items() if need in needs)


def step_needs(step: Step) -> tuple[str, ...]:
    """What has to be there before a step can run, with the parameters that it has."""
    method = REGISTRY.step(step.method)
    if method is None:
        return ()
    parsed = method.parse(step.params)
    params = parsed if isinstance(parsed, Params) else method.params()
    return needs_words(method.all_needs(params))


def method_tip(method: Method) -> str:
    """What a method does, what it needs and where it comes from."""
    parts = [word(method.summary)]
    needs = needs_words(method.all_needs(method.params()))
    if needs:
        parts.append(translate("Recipe", "Needs {things}.").format(things=listed(needs)))
    parts.append(word(method.reference))
    return "\n\n".join(parts)


def method_title(name: str) -> str:
    """What the window calls a method; its name if there is no such method."""
    method = REGISTRY.step(name)
    return word(method.title) if method is not None else name


def strength_words(step: Step) -> str:
    """How strongly a step compresses, as far as one parameter says; else empty."""
    method = REGISTRY.step(step.method)
    if method is None or method.axis is None:
        return ""
    fields = {one.name: one for one in fields_of(method.params)}
    field = fields.get(method.axis.field)
    if field is None:
        return ""
    return setting_words(field, *strength_range(step, field, method.axis.identity))


def strength_range(step: Step, field: Field, identity: Any = None) -> tuple[Any, Any]:
    """The least and the largest value that a step has for some layers.

    Where the step leaves layers alone and its rules do not, the rules' values are what it does.

    Args:
        step: With its rules.
        field: A parameter of its method.
        identity: Its value that does nothing.
    """
    base = thaw(step.params[field.name]) if field.name in step.params else field.default
    own: list[Any] = []
    for rule in step.rules:
        if rule.skip or field.name not in rule.params:
            continue
        value = thaw(rule.params[field.name])
        if rule.layers == ("*",):
            base, own = value, []
        else:
            own.append(value)
    values = [
        one
        for one in (*own, base)
        if isinstance(one, int | float) and one != identity and math.isfinite(one)
    ]
    return (min(values), max(values)) if own and values else (base, base)


def range_words(field: Field, least: Any, most: Any) -> str:
    """One value, or from which to which: `30 %`, `44–59 %`."""
    first = shown(field, least)
    if least == most:
        return first
    last = shown(field, most)
    if last.endswith(_PERCENT):
        first = first.removesuffix(_PERCENT)
    return f"{first}–{last}"


def setting_words(field: Field, value: Any, most: Any = None) -> str:
    """A parameter and its value, or from which to which: `Pruning ratio: 30 %`."""
    try:
        text = range_words(field, value, value if most is None else most)
    except (TypeError, ValueError):  # a value of the wrong kind, which its editor complains about
        text = ""
    template = translate("Recipe", "{field}: {value}")
    return template.format(field=word(field.title), value=text or str(value))


def rule_words(step: Step, rule: Rule) -> str:
    """What a rule says, in words."""
    method = REGISTRY.step(step.method)
    fields: Mapping[str, Field] = (
        {one.name: one for one in fields_of(method.params)} if method is not None else {}
    )
    parts = []
    if rule.skip is not None:
        parts.append(
            translate("Recipe", "left out") if rule.skip else translate("Recipe", "taken in")
        )
    for name, value in rule.params.items():
        plain = thaw(value)
        parts.append(setting_words(fields[name], plain) if name in fields else f"{name}: {plain}")
    return listed(parts)


def layers_words(layers: tuple[str, ...]) -> str:
    """The patterns of a rule, the first few."""
    if len(layers) <= 3:
        return ", ".join(layers)
    more = translate("Recipe", "{first} and {count} more")
    return more.format(first=", ".join(layers[:2]), count=len(layers) - 2)


def problem_words(problem: Problem) -> str:
    """A problem and what to do about it, as one text."""
    message = word(problem.message)
    message = message[:1].upper() + message[1:]
    if not problem.hint:
        return message
    return translate("Recipe", "{problem}. {hint}").format(
        problem=message.rstrip("."), hint=word(problem.hint)
    )
