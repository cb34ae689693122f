"""How the page looks: markup and style of the playlists. Double braces escape whatever a title may hold."""

from __future__ import annotations

CSS = """
.gradio-container { max-width: 60rem !important; margin: 0 auto; }
"""

PLAYLIST_HTML = """
<section class="playlist">
  {{#if value.taste}}
  <p class="taste">Plays <b>{{value.taste.genres}}</b>; most of all {{value.taste.artists}}.
    <span class="quiet">{{value.taste.tracks}} tracks heard,
    {{value.taste.matched}} of them matched to the catalog.</span></p>
  {{/if}}
  {{#each value.playlists}}
  <details {{#if this.open}}open{{/if}}>
    <summary><span class="name">{{this.title}}</span> <span class="quiet">{{this.about}}</span></summary>
    <p class="quiet">Made on {{this.made}}.</p>
    <ol>
    {{#each this.tracks}}
      <li>
        <span class="rank" aria-hidden="true">{{this.rank}}</span>
        <div>
          <div class="title">
            {{#if this.url}}<a href="{{this.url}}" target="_blank" rel="noopener noreferrer">{{this.title}}</a>
            {{else}}{{this.title}}{{/if}}
            <span class="artists">{{this.artists}}</span></div>
          <div class="reason">{{this.reason}}</div>
        </div>
      </li>
    {{/each}}
    </ol>
  </details>
  {{/each}}
  {{#each value.removed}}
  <p class="removed"><span class="name">{{this.title}}</span> <span class="quiet">was removed in Spotify, so Segue
    leaves it alone. <code>{{this.again}}</code> brings it back.</span></p>
  {{/each}}
</section>
"""

PLAYLIST_CSS = """
.playlist { padding: .5rem .2rem; color: var(--body-text-color); line-height: 1.45; }
.playlist p { margin: 0 0 .35rem; }
.playlist details { border-top: 1px solid var(--border-color-primary); }
.playlist summary { padding: .8rem .2rem; cursor: pointer; }
.playlist summary:focus-visible { outline: 2px solid currentColor; }
.playlist p.removed { border-top: 1px solid var(--border-color-primary); padding: .8rem .2rem; }
.playlist details p { padding: 0 .2rem; }
.name { font-size: 1.1em; font-weight: 600; margin-right: .4em; }
/* Gradio's own subdued text is too faint to read (WCAG AA). */
.quiet, .reason, .rank { color: color-mix(in srgb, var(--body-text-color) 72%, transparent); }
.playlist ol { list-style: none; margin: .5rem 0 1.2rem; padding: 0; }
.playlist li { display: flex; gap: .9rem; padding: .6rem .2rem; border-top: 1px solid var(--border-color-primary); }
.rank { flex: 0 0 1.7rem; text-align: right; font-variant-numeric: tabular-nums; }
.title { font-weight: 600; overflow-wrap: anywhere; }
.title a { color: inherit; text-decoration: underline; text-underline-offset: .15em; }
.artists { font-weight: 400; }
.artists::before { content: "· "; }
.reason { font-size: .92em; }
"""
