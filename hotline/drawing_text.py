"""A drawing as text: Mermaid, which GitHub shows in a page, and dot, which Graphviz makes pictures of."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping

from hotline.drawing import Arrow, Box, Drawing, Shape
from hotline.faults import HotlineError

_MERMAID_SHAPES: Mapping[Shape, tuple[str, str]] = {
    **{"step": ("[", "]"), "ask": ("{{", "}}"), "away": ("[[", "]]"), "end": ("([", "])"), "beyond": ("([", "])")}
}
_DOT_SHAPES: Mapping[Shape, str] = {
    **{"step": "box", "ask": "hexagon", "away": "component", "end": "oval", "beyond": "oval"}
}
_PEN_WIDTH = 4.0
"""Of an arrow along which everybody goes."""


def mermaid(drawing: Drawing) -> str:
    """A flowchart: a frame for each menu, names in quotes so that any words can stand in them."""
    ids = {box.name: f"n{number}" for number, box in enumerate(drawing.boxes)}
    lines = ["---", f"title: {json.dumps(drawing.title, ensure_ascii=False)}", "---", "flowchart TD"]
    for menu, boxes in _groups(drawing):
        # Not the bare name: a menu may be called `end`.
        lines += [f'  subgraph menu_{menu}["{menu}"]'] if menu else []
        lines += [f"  {'  ' if menu else ''}{_mermaid_box(ids[box.name], box)}" for box in boxes]
        lines += ["  end"] if menu else []
    lines += [f"  {_mermaid_arrow(ids, arrow)}" for arrow in drawing.arrows]
    widths = [(number, arrow.weight) for number, arrow in enumerate(drawing.arrows) if arrow.weight is not None]
    lines += [f"  linkStyle {number} stroke-width:{_width(weight):.1f}px" for number, weight in widths]
    return "\n".join(lines) + "\n"


def _mermaid_box(name: str, box: Box) -> str:
    opening, closing = _MERMAID_SHAPES[box.shape]
    return f'{name}{opening}"{"<br/>".join(map(_mermaid_text, box.lines))}"{closing}'


def _mermaid_arrow(ids: Mapping[str, str], arrow: Arrow) -> str:
    label = f'-- "{_mermaid_text(arrow.label)}" ' if arrow.label else ""
    return f"{ids[arrow.source]} {label}--> {ids[arrow.target]}"


def _mermaid_text(text: str) -> str:
    """Mermaid reads # as the beginning of a character's name, and quotes as its own."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace("\n", " ")


def dot(drawing: Drawing) -> str:
    """A directed graph for Graphviz."""
    lines = [f"digraph {_quoted(drawing.title)} {{", '  node [fontname="sans-serif"]; edge [fontname="sans-serif"];']
    for menu, boxes in _groups(drawing):
        lines += [f"  subgraph {_quoted(f'cluster_{menu}')} {{", f"    label={_quoted(menu)};"] if menu else []
        lines += [f"  {'  ' if menu else ''}{_quoted(box.name)} [{_dot_box(box)}];" for box in boxes]
        lines += ["  }"] if menu else []
    lines += [f"  {_quoted(a.source)} -> {_quoted(a.target)}{_dot_arrow(a)};" for a in drawing.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _dot_box(box: Box) -> str:
    return f"shape={_DOT_SHAPES[box.shape]}, label={_quoted(chr(10).join(box.lines))}"


def _dot_arrow(arrow: Arrow) -> str:
    words = [f"label={_quoted(arrow.label)}"] if arrow.label else []
    words += [f"penwidth={_width(arrow.weight):.1f}"] if arrow.weight is not None else []
    return f" [{', '.join(words)}]" if words else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def svg(drawing: Drawing) -> str:
    """A picture, made by Graphviz. Raises HotlineError: it is not there, or refuses."""
    program = shutil.which("dot")
    if program is None:
        raise HotlineError("svg needs Graphviz: apt-get install graphviz; --format dot and mermaid need nothing")
    done = subprocess.run([program, "-Tsvg"], input=dot(drawing), capture_output=True, text=True, check=False)
    if done.returncode:
        raise HotlineError(f"{program} has drawn nothing: {done.stderr.strip()}")
    return done.stdout


WRITERS: Mapping[str, Callable[[Drawing], str]] = {"mermaid": mermaid, "dot": dot, "svg": svg}


def _groups(drawing: Drawing) -> Iterator[tuple[str, list[Box]]]:
    groups: dict[str, list[Box]] = {}
    for box in drawing.boxes:
        groups.setdefault(box.group, []).append(box)
    yield from groups.items()


def _width(weight: float) -> float:
    """Even where nobody goes there is an arrow."""
    return 0.5 + weight * _PEN_WIDTH
