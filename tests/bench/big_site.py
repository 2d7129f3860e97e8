"""A site of any size, for measuring what looks at sites: many numbers, a tree of menus behind each, and no fault."""

from pathlib import Path

NODES_PER_MENU = 20
_MENUS = 10
"""of type menu in each file: a tree of which every node has three branches, so that it is three deep"""
_SITE = "name: Large\nlanguages: [zh, en]\nnumbers:\n"
_NUMBER = '  "{number}": m{menu}\n'
_QUEUES = "orders:\n  name: {zh: 订单, en: Orders}\n  skills: {orders: 1}\n"
_AGENTS = '"1001": {name: Wang, skills: {orders: 8}}\n'
_RETRIES = "nothing_pressed: {zh: 没有按键, en: Nothing heard}\nnot_a_choice: {zh: 请重新选择, en: Again}\n"
_NODE = """\
  n{n}:
    type: menu
    prompt: p{menu}_{n}
    choices: {{"1": {one}, "2": {two}, "3": {three}, star: n{up}, "0": person}}
    no_input: {{max: 3, prompt: nothing_pressed}}
    no_match: {{max: 3, prompt: not_a_choice}}
    exhausted: person
"""
_SAY = "  s{n}: {{type: say, prompt: s{menu}_{n}, next: n{n}}}\n"
_PERSON = "  person: {type: queue, queue: orders}\n"
_CHOICES = """\
p{menu}_{n}:
  zh: 查询请按1，服务请按2，支持请按3，返回请按星号键，转人工请按0。
  en: Orders, press 1. Service, press 2. Help, press 3. To go back, press star. For a person, press 0.
"""
_WORDS = "s{menu}_{n}:\n  zh: 请稍候。\n  en: Please wait.\n"


def write_big_site(folder: Path, nodes: int) -> int:
    """Write a site of about this many nodes into the folder, 20 in a menu file; return how many it has.

    Half of the nodes are menus with five choices and prompts of their own, in two languages, so that there is about as
    much of everything as in a site of that size written by people.
    """
    menus = max(1, nodes // NODES_PER_MENU)
    (folder / "menus").mkdir(parents=True)
    numbers = "".join(_NUMBER.format(number=4000 + menu, menu=menu) for menu in range(menus))
    prompts = "".join(_prompts(menu) for menu in range(menus))
    for menu in range(menus):
        (folder / f"menus/m{menu}.yaml").write_text(_menu(menu, menus), "utf-8")
    files = {"site": _SITE + numbers, "queues": _QUEUES, "agents": _AGENTS, "prompts": _RETRIES + prompts}
    for file, text in files.items():
        (folder / f"{file}.yaml").write_text(text, "utf-8")
    return menus * NODES_PER_MENU


def _menu(menu: int, menus: int) -> str:
    text = "entry: n0\nnodes:\n"
    for n in range(_MENUS):
        below = range(3 * n + 1, 3 * n + 4)
        one, two, three = (f"s{node}" if node < _MENUS else f"m{(menu + node) % menus}" for node in below)
        text += _NODE.format(n=n, menu=menu, one=one, two=two, three=three, up=max(0, (n - 1) // 3))
        text += _SAY.format(n=n, menu=menu) if n else ""
    return text + _PERSON


def _prompts(menu: int) -> str:
    words = [_WORDS.format(menu=menu, n=n) for n in range(1, _MENUS)]
    return "".join([*(_CHOICES.format(menu=menu, n=n) for n in range(_MENUS)), *words])
