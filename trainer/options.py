"""One command-line option for each setting of a training, made from its type and metadata."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import typer
from rich.markup import escape

from trainer.configure import FIELDS, TYPES
from trainer.settings import HELP, PANEL, SECTION

_Body = TypeVar("_Body", bound=Callable[..., None])


def takes_settings(
    command_defaults: Mapping[str, Any], protocols: Mapping[str, Mapping[str, Any]], *, without: Collection[str] = ()
) -> Callable[[_Body], _Body]:
    """Gives a command, whose last parameter is `**options`, one option for each setting but those it has no use for."""

    def decorate(body: _Body) -> _Body:
        own = inspect.signature(body, eval_str=True).parameters.values()
        made = [_option(name, command_defaults, protocols) for name in FIELDS if name not in without]
        kept = [parameter for parameter in own if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
        body.__signature__ = inspect.Signature([*kept, *made])  # type: ignore[attr-defined]
        return body

    return decorate


def _option(
    name: str, command_defaults: Mapping[str, Any], protocols: Mapping[str, Mapping[str, Any]]
) -> inspect.Parameter:
    """A setting's option. Its value stays text, None if not given: `resolve` reads it as it reads all others."""
    flag = name.replace("_", "-")
    switch = TYPES[name] is bool
    option = typer.Option(
        f"--{flag}/--no-{flag}" if switch else f"--{flag}",
        help=_help(name, command_defaults, protocols),
        metavar=" " if switch else _metavar(TYPES[name]),
        show_default=False,
        rich_help_panel=FIELDS[name].metadata[PANEL],
    )
    annotation: Any = Annotated[bool | None, option] if switch else Annotated[str | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _help(name: str, command_defaults: Mapping[str, Any], protocols: Mapping[str, Mapping[str, Any]]) -> str:
    """`text; one of … (section n) [default: value; dataset: other]`. A text's last brackets tell what none means."""
    field = FIELDS[name]
    text, default = field.metadata[HELP], command_defaults.get(name, field.default)
    shown = _shown(name, default)
    if default is None or default == ():
        text, _, shown = text.removesuffix("]").partition(" [")
    others = [
        f"{dataset}: {_shown(name, protocol[name])}"
        for dataset, protocol in protocols.items()
        if protocol.get(name, default) != default
    ]
    choices = ", ".join(_choices(TYPES[name]))
    choice = f"; one of {choices}" if choices else ""
    section = f" (section {field.metadata[SECTION]})" if field.metadata[SECTION] else ""
    defaults = f" [default: {'; '.join([shown, *others])}]" if shown else ""
    return escape(f"{text}{choice}{section}{defaults}")


def _shown(name: str, value: Any) -> str:
    match value:
        case bool():
            return name.replace("_", "-") if value else f"no-{name.replace('_', '-')}"
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


def _choices(hint: Any) -> tuple[str, ...]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(map(str, hint))
    return get_args(hint) if get_origin(hint) is Literal else ()


def _metavar(hint: Any) -> str:
    if _choices(hint):
        return "CHOICE"
    if get_origin(hint) is tuple:
        return "N,N,…"
    return {int: "INTEGER", float: "NUMBER", str: "TEXT"}.get(hint, "PATH")
