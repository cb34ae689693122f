"""How a list of tracks looks."""

from __future__ import annotations

HAND = "M8 13V4h8.5l3 7.5V14h-5.5l1 4.5-2 2L8 13zM8 4H4.5v9H8"
FORBIDDEN = "M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18zM5.6 5.6l12.8 12.8"


def _icon(path: str) -> str:
    drawn = f"%3Cpath d='{path}' fill='none' stroke='%23000' stroke-width='2' stroke-linejoin='round'/%3E"
    svg = f"%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E{drawn}%3C/svg%3E"
    return f"""mask: url("data:image/svg+xml,{svg}") center / contain no-repeat;"""


STYLE = f"""
color: var(--ink); line-height: 1.45;
h2 {{ margin: 0 0 .3rem; overflow-wrap: anywhere; }}
p {{ margin: 0 0 .4rem; }}
.quiet, .reason, .year, .rank {{ color: var(--quiet); }}
a {{ color: inherit; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; }}
a:hover {{ color: var(--accent); text-decoration-thickness: 2px; }}
ol {{ list-style: none; margin: .6rem 0 0; padding: 0; }}
li {{ display: grid; grid-template-columns: 1.7rem minmax(0, 1fr) auto; column-gap: .8rem; align-items: start;
  margin: 0; padding: .65rem 0; border-top: 1px solid var(--line); }}
li p {{ margin: 0; overflow-wrap: anywhere; }}
li b {{ font-weight: 600; }}
.rank {{ text-align: right; font-variant-numeric: tabular-nums; }}
.artists::before, .year::before {{ content: "· "; }}
.reason {{ font-size: var(--size-s); }}
.seeds {{ color: var(--ink); }}
.icon {{ display: inline-block; width: 1.2rem; height: 1.2rem; vertical-align: -.25rem; background: currentColor;
  forced-color-adjust: none; }}
.like .icon, .dislike .icon, .icon.like, .icon.dislike {{ {_icon(HAND)} }}
.like .icon, .icon.like {{ transform: rotate(180deg); }}
.never .icon, .icon.never {{ {_icon(FORBIDDEN)} }}
.legend {{ font-size: var(--size-s); }}
.legend .icon {{ margin: 0 .3em 0 .9em; }}
.legend .icon:first-child {{ margin-left: 0; }}
.actions {{ display: flex; gap: .2rem; }}
button {{ display: inline-flex; align-items: center; justify-content: center; min-width: 2.5rem; height: 2.5rem;
  padding: 0 .5rem; font: inherit; font-size: var(--size-s); color: var(--quiet); background: none;
  border: 1px solid transparent; border-radius: var(--radius); cursor: pointer; }}
button:hover {{ color: var(--ink); border-color: var(--edge); }}
button[aria-pressed=true] {{ border-color: currentColor; background: var(--raised); }}
button.like[aria-pressed=true] {{ color: var(--good); }}
button.dislike[aria-pressed=true] {{ color: var(--bad); }}
.blocked .artists {{ text-decoration: line-through; }}
.blocked button.never {{ text-decoration: underline; color: var(--ink); font-weight: 600; }}
@media (max-width: 40rem) {{
  li {{ grid-template-columns: 1.5rem minmax(0, 1fr); column-gap: .6rem; }}
  .actions {{ grid-column: 2; margin: .15rem 0 0 -.6rem; }}
}}
"""
